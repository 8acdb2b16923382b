// How to reach the server: flags first, then the TEMPORAL_* variables, then the defaults.
#ifndef MINIM_SRC_CLI_SETTINGS_H_
#define MINIM_SRC_CLI_SETTINGS_H_

#include <string>

#include "cli/flags.h"
#include "minim/client.h"
#include "minim/result.h"

namespace minim::cli {

struct Settings {
  ConnectOptions connect;
  // Where these came from, for errors: "--address" or "TEMPORAL_ADDRESS" and so on.
  std::string address_source = "--address";
  std::string api_key_source = "--api-key";
  // Where the TLS material came from, for errors: "--tls-ca-path /x/ca.pem"; never the material.
  std::string tls_sources;
};

// INVALID_ARGUMENT that names the flag or the variable: a file that cannot be read, half of a
// certificate and key pair, a path and data for the same thing, profile files (not read yet).
Result<Settings> read_settings(const Flags& flags);

// The name in USER or LOGNAME, else the number of the user. The system's user database is not
// asked: in a static program that would load modules of the system's own glibc.
std::string user_name();

}  // namespace minim::cli

#endif  // MINIM_SRC_CLI_SETTINGS_H_
