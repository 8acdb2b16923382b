#include "tls/sources.h"

#include <utility>

#include "base/secret.h"
#include "tls/certificate_text.h"
#include "tls/file.h"

namespace minim::tls {

namespace {

// Text that is gone when the scope is.
struct SecretText {
  SecretText() = default;
  SecretText(const SecretText&) = delete;
  SecretText& operator=(const SecretText&) = delete;
  ~SecretText() { wipe(text); }

  std::string text;
};

bool is_same(const Identity& last, const IdentityTexts& texts) {
  return last.handle == texts.handle && last.fingerprint == fingerprint_of(texts);
}

}  // namespace

NamedText Sources::Source::read(std::string* buffer, std::vector<std::string>* problems) const {
  NamedText read{name(), text};
  if (file.empty()) return read;
  std::string problem;
  if (read_file(file, buffer, &problem)) {
    read.text = *buffer;
  } else {
    problems->push_back(read.name + ": " + problem);
  }
  return read;
}

void Sources::check_ways(const TlsOptions& options, std::vector<std::string>* problems) const {
  const auto check_one = [problems](const Source& source, const std::string& text) {
    if (!text.empty() && !source.file.empty()) {
      problems->push_back(source.option + " and " + source.option + "_file: one of them is wanted");
    }
  };
  check_one(roots_, options.root_certificates);
  check_one(lists_, options.revocation_lists);
  check_one(certificate_, options.client_certificate);
  check_one(key_, options.client_private_key);
  const bool has_key = !options.client_private_key.empty() || !key_.file.empty();
  const bool has_certificate = !options.client_certificate.empty() || !certificate_.file.empty();
  if (handle_ != nullptr && has_key) {
    problems->emplace_back("client_key and client_private_key: one of them is wanted");
  }
  if (asks_ != nullptr && (handle_ != nullptr || has_key || has_certificate)) {
    problems->emplace_back(
        "client_identity and another option of the client's certificate: one "
        "way is wanted");
  }
  if ((!options.client_private_key.empty() && !certificate_.file.empty()) ||
      (!options.client_certificate.empty() && !key_.file.empty())) {
    problems->emplace_back(
        "client_certificate and client_private_key: both as texts or both as "
        "files");
  }
}

Status Sources::start(const TlsOptions& options, Parts* parts, std::vector<std::string>* problems) {
  roots_.file = options.root_certificates_file;
  lists_.file = options.revocation_lists_file;
  certificate_.file = options.client_certificate_file;
  key_.file = options.client_private_key_file;
  handle_ = options.client_key;
  asks_ = options.client_identity;
  needs_roots_ = !options.dangerously_skip_verification;
  const std::size_t had = problems->size();
  check_ways(options, problems);
  if (problems->size() > had) return Status();

  // Kept only if they are needed again.
  roots_.text = options.root_certificates;
  lists_.text = options.revocation_lists;
  Status status = read_trust_now(&parts->trust, problems);
  if (!trust_may_change()) {
    roots_.text = {};
    lists_.text = {};
  }
  if (identity_may_change()) certificate_.text = options.client_certificate;
  if (asks_ != nullptr || !identity_may_change()) {
    // Without a certificate, where the function is to be asked.
    parts->identity = read_identity({{certificate_.name(), options.client_certificate},
                                     {key_name(), options.client_private_key},
                                     handle_},
                                    problems);
  } else {
    read_identity_now(&parts->identity, problems);
  }
  return status;
}

Status Sources::read(Parts* parts, std::vector<std::string>* problems) const {
  if (asks_ != nullptr) {
    ask(&parts->identity, problems);
  } else if (identity_may_change()) {
    read_identity_now(&parts->identity, problems);
  }
  if (!trust_may_change()) return Status();
  return read_trust_now(&parts->trust, problems);
}

Status Sources::read_trust_now(std::shared_ptr<const Trust>* trust,
                               std::vector<std::string>* problems) const {
  std::string roots;
  std::string lists;
  const std::size_t had = problems->size();
  const TrustTexts texts{roots_.read(&roots, problems), lists_.read(&lists, problems),
                         needs_roots_};
  if (problems->size() > had) return Status();
  if (*trust != nullptr && (*trust)->fingerprint == fingerprint_of(texts)) return Status();
  return read_trust(texts, trust, problems);
}

void Sources::read_identity_now(std::shared_ptr<const Identity>* identity,
                                std::vector<std::string>* problems) const {
  std::string certificate;
  SecretText key;
  const std::size_t had = problems->size();
  IdentityTexts texts{certificate_.read(&certificate, problems), key_.read(&key.text, problems),
                      handle_};
  texts.key.name = key_name();
  if (problems->size() > had) return;
  if (*identity != nullptr && is_same(**identity, texts)) return;
  *identity = read_identity(texts, problems);
}

void Sources::ask(std::shared_ptr<const Identity>* identity,
                  std::vector<std::string>* problems) const {
  Result<TlsIdentity> given = asks_();
  if (!given) {
    problems->push_back("client_identity: " + printable(given.error().message()));
    return;
  }
  const IdentityTexts texts{{"client_identity's certificate", given->certificate},
                            {"client_identity's private_key", given->private_key},
                            given->key};
  if (given->key != nullptr && !given->private_key.empty()) {
    problems->emplace_back("client_identity's key and private_key: one of them is wanted");
  } else if (*identity == nullptr || !is_same(**identity, texts)) {
    *identity = read_identity(texts, problems);
  }
  wipe(given->private_key);
}

}  // namespace minim::tls
