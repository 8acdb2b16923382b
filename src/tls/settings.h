// The options of a factory that stay as they are, checked.
#ifndef MINIM_TLS_SETTINGS_H_
#define MINIM_TLS_SETTINGS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "minim/tls.h"
#include "tls/key_log.h"
#include "tls/openssl_ptr.h"

namespace minim::tls {

// What is spoken inside: HTTP/2 is agreed upon by ALPN; for HTTP/1.1 (a proxy) nothing is offered.
enum class Inside : std::uint8_t { kHttp2, kHttp1 };

struct Settings {
  Inside inside = Inside::kHttp2;
  std::string server_name;
  std::string verification_server_name;
  std::vector<std::string> pins;
  int min_version = TLS1_2_VERSION;
  int max_version = TLS1_3_VERSION;
  std::string ciphers;        // of TLS 1.2; never empty
  std::string cipher_suites;  // of TLS 1.3; empty: OpenSSL's own choice
  std::string versions;       // for texts: "1.2 and 1.3"
  std::string offer;          // for texts: versions and ciphers
  bool verifies = true;
  bool resumes = true;
  bool logs_keys = false;
  KeyLog key_log;
};

// Fills `settings`; each problem starts with the option's name.
void read_settings(const TlsOptions& options, Settings* settings,
                   std::vector<std::string>* problems);

// "option: what", unless `what` is empty.
void add_problem(std::vector<std::string>* problems, const std::string& option,
                 const std::string& what);
// "first; second".
std::string joined_problems(const std::vector<std::string>& problems);

}  // namespace minim::tls

#endif  // MINIM_TLS_SETTINGS_H_
