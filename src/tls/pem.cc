#include "tls/pem.h"

#include <openssl/pem.h>

#include <limits>

namespace minim::tls {

namespace {

// Reads without a copy, so that there is no second buffer with a key in it to be zeroed.
BioPtr borrow(std::string_view text) {
  if (text.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) return nullptr;
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// OpenSSL's own callback would ask on the terminal.
int refuse_passphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

bool at_end_of_pem() {
  const unsigned long error = ERR_peek_last_error();
  return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

// What people hand over in place of PEM text.
std::string not_pem(std::string_view text, std::string_view wanted) {
  std::string problem = "there is no PEM " + std::string(wanted) + " in it";
  if (text.starts_with("\x30\x82") || text.starts_with("\x30\x81")) {
    problem += ": it looks like DER, convert it to PEM";
  } else if (text.find('\n') == std::string_view::npos && text.find("-----") == text.npos) {
    problem += ": it is the text of a PEM file that is wanted, not a file's name";
  }
  return problem;
}

// OpenSSL takes a certificate for read whose public key it had no memory to read, and that would
// never verify anything. One whose kind of key it does not know may stay: others are looked for.
bool has_lost_its_key(const X509* certificate) {
  const CleanErrorQueue clean;
  return X509_get0_pubkey(certificate) == nullptr &&
         ERR_GET_REASON(ERR_peek_last_error()) != X509_R_UNSUPPORTED_ALGORITHM;
}

// Every block of one kind. `read` is OpenSSL's function for it.
template <class Owner, class Read>
std::vector<Owner> read_all(std::string_view pem, Read read, std::string_view what,
                            std::string* problem) {
  const CleanErrorQueue clean;
  std::vector<Owner> all;
  const BioPtr bio = borrow(pem);
  if (bio == nullptr) {
    *problem = "it is too long";
    return all;
  }
  bool asked = false;
  for (;;) {
    ERR_clear_error();
    Owner next(read(bio.get(), nullptr, refuse_passphrase, &asked));
    if (next == nullptr) break;
    all.push_back(std::move(next));
  }
  if (!at_end_of_pem()) {
    *problem = std::string(what) + " " + std::to_string(all.size() + 1) + " in it cannot be read";
    all.clear();
  } else if (all.empty()) {
    *problem = not_pem(pem, what);
  }
  return all;
}

}  // namespace

std::vector<CertificatePtr> read_certificates(std::string_view pem, std::string* problem) {
  std::vector<CertificatePtr> all =
      read_all<CertificatePtr>(pem, PEM_read_bio_X509, "certificate", problem);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!has_lost_its_key(all[i].get())) continue;
    *problem = "the public key of certificate " + std::to_string(i + 1) + " in it cannot be read";
    all.clear();
  }
  if (pem.find("CERTIFICATE-----") == pem.npos && pem.find("PRIVATE KEY-----") != pem.npos) {
    *problem += ", but a private key";
  }
  return all;
}

std::vector<RevocationListPtr> read_revocation_lists(std::string_view pem, std::string* problem) {
  return read_all<RevocationListPtr>(pem, PEM_read_bio_X509_CRL, "revocation list", problem);
}

std::vector<CertificatePtr> read_bundle(BIO* file) {
  const CleanErrorQueue clean;
  std::vector<CertificatePtr> certificates;
  bool asked = false;
  for (;;) {
    ERR_clear_error();
    CertificatePtr next(PEM_read_bio_X509(file, nullptr, refuse_passphrase, &asked));
    if (next != nullptr) {
      certificates.push_back(std::move(next));
    } else if (at_end_of_pem() || BIO_eof(file)) {
      return certificates;
    }
  }
}

KeyPtr read_private_key(std::string_view pem, std::string* problem) {
  const CleanErrorQueue clean;
  const BioPtr bio = borrow(pem);
  if (bio == nullptr) {
    *problem = "it is too long";
    return nullptr;
  }
  bool asked = false;
  KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, refuse_passphrase, &asked));
  if (key != nullptr) return key;
  if (asked) {
    *problem = "the key is encrypted; decrypt it first (openssl pkey -in FILE)";
  } else if (pem.find("PRIVATE KEY-----") != pem.npos) {
    *problem = "the private key in it cannot be read";
  } else {
    *problem = not_pem(pem, "private key");
    if (pem.find("CERTIFICATE-----") != pem.npos) *problem += ", but a certificate";
  }
  return nullptr;
}

}  // namespace minim::tls
