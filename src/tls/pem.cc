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

}  // namespace

std::vector<CertificatePtr> read_certificates(std::string_view pem, std::string* problem) {
  const CleanErrorQueue clean;
  std::vector<CertificatePtr> certificates;
  const BioPtr bio = borrow(pem);
  if (bio == nullptr) {
    *problem = "it is too long";
    return certificates;
  }
  bool asked = false;
  for (;;) {
    ERR_clear_error();
    CertificatePtr next(PEM_read_bio_X509(bio.get(), nullptr, refuse_passphrase, &asked));
    if (next == nullptr) break;
    certificates.push_back(std::move(next));
  }
  if (!at_end_of_pem()) {
    *problem = "certificate " + std::to_string(certificates.size() + 1) + " in it cannot be read";
    certificates.clear();
  } else if (certificates.empty()) {
    *problem = not_pem(pem, "certificate");
    if (pem.find("PRIVATE KEY-----") != pem.npos) *problem += ", but a private key";
  }
  return certificates;
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
