#include "tls/settings.h"

#include <algorithm>
#include <string_view>

#include "tls/certificate_text.h"
#include "tls/peer_name.h"
#include "tls/pins.h"

namespace minim::tls {

namespace {

// What RFC 9113, appendix A leaves of TLS 1.2; with others a peer may answer INADEQUATE_SECURITY.
constexpr char kCiphers[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
// RFC 8446, B.4 without the suite whose short tag is for sensors.
constexpr char kSuites[] =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:"
    "TLS_AES_128_CCM_SHA256";

// Takes the first of the names that stand before colons.
std::string_view next_name(std::string_view* list) {
  const std::size_t end = std::min(list->find(':'), list->size());
  const std::string_view name = list->substr(0, end);
  list->remove_prefix(std::min(end + 1, list->size()));
  return name;
}

bool is_listed(std::string_view name, std::string_view list) {
  while (!list.empty()) {
    if (next_name(&list) == name) return true;
  }
  return false;
}

// OpenSSL passes over names that it does not know, and a list of one typing error is an empty list.
std::string list_problem(std::string_view given, std::string_view known) {
  if (given.ends_with(':')) return "there is no name after its last ':'";
  while (!given.empty()) {
    const std::string_view name = next_name(&given);
    if (!is_listed(name, known)) {
      return "'" + printable(name) + "' is none of " + std::string(known);
    }
  }
  return {};
}

void read_versions(const TlsOptions& options, Settings* settings,
                   std::vector<std::string>* problems) {
  const bool has_12 = options.min_version == TlsVersion::k12;
  const bool has_13 = options.max_version == TlsVersion::k13;
  if (!has_12 && !has_13) {
    problems->emplace_back("min_version is above max_version");
    return;
  }
  settings->min_version = has_12 ? TLS1_2_VERSION : TLS1_3_VERSION;
  settings->max_version = has_13 ? TLS1_3_VERSION : TLS1_2_VERSION;
  settings->versions = has_12 && has_13 ? "1.2 and 1.3" : has_12 ? "1.2" : "1.3";
  if (!has_12 && !options.ciphers.empty()) {
    problems->emplace_back("ciphers: they are for TLS 1.2, which min_version excludes");
  }
  if (!has_13 && !options.cipher_suites.empty()) {
    problems->emplace_back("cipher_suites: they are for TLS 1.3, which max_version excludes");
  }
  if (has_13) settings->offer = "TLS 1.3";
  if (has_13 && !options.cipher_suites.empty()) settings->offer += " with " + options.cipher_suites;
  if (has_12) {
    settings->offer += has_13 ? ", and TLS 1.2 with " : "TLS 1.2 with ";
    settings->offer += options.ciphers.empty() ? "ECDHE and an AEAD cipher" : options.ciphers;
  }
}

}  // namespace

void add_problem(std::vector<std::string>* problems, const std::string& option,
                 const std::string& what) {
  if (!what.empty()) problems->push_back(option + ": " + what);
}

std::string joined_problems(const std::vector<std::string>& problems) {
  std::string text;
  for (const std::string& problem : problems) {
    if (!text.empty()) text += "; ";
    text += problem;
  }
  return text;
}

void read_settings(const TlsOptions& options, Settings* settings,
                   std::vector<std::string>* problems) {
  add_problem(problems, "server_name", name_problem(options.server_name));
  add_problem(problems, "verification_server_name", name_problem(options.verification_server_name));
  settings->server_name = options.server_name;
  settings->verification_server_name = options.verification_server_name;
  for (const std::string& pin : options.pinned_keys) {
    add_problem(problems, "pinned_keys", pin_problem(pin));
  }
  settings->pins = options.pinned_keys;
  read_versions(options, settings, problems);
  add_problem(problems, "ciphers", list_problem(options.ciphers, kCiphers));
  add_problem(problems, "cipher_suites", list_problem(options.cipher_suites, kSuites));
  settings->ciphers = options.ciphers.empty() ? kCiphers : options.ciphers;
  settings->cipher_suites = options.cipher_suites;
  settings->verifies = !options.dangerously_skip_verification;
  settings->resumes = options.session_resumption;
  settings->logs_keys = !options.key_log_file.empty();
  if (settings->logs_keys && problems->empty()) {
    std::string problem;
    settings->key_log.open(options.key_log_file, &problem);
    add_problem(problems, "key_log_file " + options.key_log_file, problem);
  }
}

}  // namespace minim::tls
