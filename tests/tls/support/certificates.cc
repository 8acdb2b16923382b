#include "tls/support/certificates.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>

namespace minim::tls {

namespace {

constexpr long kDay = 24 * 60 * 60;

void need(bool done, const char* what) {
  if (done) return;
  std::fprintf(stderr, "certificates: %s failed\n", what);
  ERR_print_errors_fp(stderr);
  std::abort();
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  need(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1, value.c_str());
  X509_EXTENSION_free(extension);
}

void set_name(X509_NAME* name, const std::string& common_name) {
  need(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                  reinterpret_cast<const unsigned char*>(common_name.c_str()), -1,
                                  -1, 0) == 1,
       "X509_NAME_add_entry_by_txt");
}

long next_serial() {
  static long serial = 0;
  return ++serial;
}

}  // namespace

KeyPtr make_key() {
  KeyPtr key(EVP_EC_gen("P-256"));
  need(key != nullptr, "EVP_EC_gen");
  return key;
}

std::string pem_of(EVP_PKEY* key, const char* passphrase) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  need(PEM_write_bio_PKCS8PrivateKey(bio.get(), key,
                                     passphrase != nullptr ? EVP_aes_128_cbc() : nullptr, nullptr,
                                     0, nullptr, const_cast<char*>(passphrase)) == 1,
       "PEM_write_bio_PKCS8PrivateKey");
  return text_of(bio.get());
}

Issued issue(const CertificateSpec& spec, const Issued* issuer) {
  Issued made;
  if (spec.key != nullptr) {
    EVP_PKEY_up_ref(spec.key);
    made.key.reset(spec.key);
  } else {
    made.key = make_key();
  }
  made.certificate.reset(X509_new());
  X509* const certificate = made.certificate.get();
  X509* const above = issuer != nullptr ? issuer->certificate.get() : certificate;
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), next_serial());
  X509_gmtime_adj(X509_getm_notBefore(certificate), spec.starts_in_days * kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate), spec.ends_in_days * kDay);
  set_name(X509_get_subject_name(certificate), spec.subject);
  X509_set_issuer_name(certificate, X509_get_subject_name(above));
  X509_set_pubkey(certificate, made.key.get());
  add_extension(certificate, above, NID_basic_constraints,
                spec.is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
  add_extension(certificate, above, NID_subject_key_identifier, "hash");
  std::string names;
  for (const std::string& name : spec.names) names += (names.empty() ? "" : ",") + name;
  if (!names.empty()) add_extension(certificate, above, NID_subject_alt_name, names);
  if (spec.extended_usage != nullptr) {
    add_extension(certificate, above, NID_ext_key_usage, spec.extended_usage);
  }
  EVP_PKEY* const signer = issuer != nullptr ? issuer->key.get() : made.key.get();
  need(X509_sign(certificate, signer, EVP_sha256()) > 0, "X509_sign");

  const BioPtr bio(BIO_new(BIO_s_mem()));
  need(PEM_write_bio_X509(bio.get(), certificate) == 1, "PEM_write_bio_X509");
  made.certificate_pem = text_of(bio.get());
  if (spec.key == nullptr) made.key_pem = pem_of(made.key.get(), nullptr);
  ERR_clear_error();
  return made;
}

std::string issue_list(const Issued& issuer, const std::vector<const Issued*>& revoked,
                       int starts_in_days, int ends_in_days) {
  const RevocationListPtr list(X509_CRL_new());
  X509_CRL_set_version(list.get(), X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(issuer.certificate.get()));
  const std::unique_ptr<ASN1_TIME, Free<ASN1_TIME_free>> starts(
      X509_gmtime_adj(nullptr, starts_in_days * kDay));
  const std::unique_ptr<ASN1_TIME, Free<ASN1_TIME_free>> ends(
      X509_gmtime_adj(nullptr, ends_in_days * kDay));
  X509_CRL_set1_lastUpdate(list.get(), starts.get());
  X509_CRL_set1_nextUpdate(list.get(), ends.get());
  for (const Issued* const one : revoked) {
    X509_REVOKED* const entry = X509_REVOKED_new();
    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(one->certificate.get()));
    X509_REVOKED_set_revocationDate(entry, starts.get());
    need(X509_CRL_add0_revoked(list.get(), entry) == 1, "X509_CRL_add0_revoked");
  }
  X509_CRL_sort(list.get());
  need(X509_CRL_sign(list.get(), issuer.key.get(), EVP_sha256()) > 0, "X509_CRL_sign");
  const BioPtr bio(BIO_new(BIO_s_mem()));
  need(PEM_write_bio_X509_CRL(bio.get(), list.get()) == 1, "PEM_write_bio_X509_CRL");
  ERR_clear_error();
  return text_of(bio.get());
}

const Family& family() {
  static const Family the_family;
  return the_family;
}

}  // namespace minim::tls
