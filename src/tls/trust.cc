#include "tls/trust.h"

#include "tls/pem.h"
#include "tls/roots.h"

namespace minim::tls {

namespace {

void use_lists(X509_STORE* store, const NamedText& lists, std::vector<std::string>* problems) {
  const CleanErrorQueue clean;
  std::string problem;
  const std::vector<RevocationListPtr> read = read_revocation_lists(lists.text, &problem);
  if (read.empty()) {
    problems->push_back(lists.name + ": " + problem);
    return;
  }
  for (const RevocationListPtr& list : read) {
    if (X509_STORE_add_crl(store, list.get()) != 1) {
      problems->push_back(lists.name + ": OpenSSL refuses one of them");
      return;
    }
  }
  X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
}

}  // namespace

std::string fingerprint_of(const TrustTexts& texts) {
  return fingerprint_of(texts.roots.text) + fingerprint_of(texts.lists.text);
}

Status read_trust(const TrustTexts& texts, std::shared_ptr<const Trust>* trust,
                  std::vector<std::string>* problems) {
  const CleanErrorQueue clean;
  const auto made = std::make_shared<Trust>();
  made->store.reset(X509_STORE_new());
  if (made->store == nullptr) return Status(Code::kInternal, "TLS: out of memory");
  made->fingerprint = fingerprint_of(texts);
  if (!texts.roots.text.empty()) {
    made->roots = use_given_roots(made->store.get(), texts.roots, problems);
  } else if (texts.needs_roots && problems->empty()) {
    Result<std::string> roots = use_system_roots(made->store.get());
    if (!roots) return roots.error();
    made->roots = std::move(*roots);
  }
  if (!texts.lists.text.empty()) {
    made->lists = texts.lists.name;
    use_lists(made->store.get(), texts.lists, problems);
  }
  *trust = made;
  return Status();
}

}  // namespace minim::tls
