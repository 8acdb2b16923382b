// A TPM 2.0 in software (swtpm) behind a unix socket, made for one process and gone with it.
#ifndef MINIM_TESTS_TLS_SUPPORT_SOFTWARE_TPM_H_
#define MINIM_TESTS_TLS_SUPPORT_SOFTWARE_TPM_H_

#include <sys/types.h>

#include <string>

#include "tls/openssl_ptr.h"
#include "tls/support/scratch.h"

namespace minim::tls {

class SoftwareTpm {
 public:
  // Sets what OpenSSL's configuration and tpm2-openssl read: before the first use of OpenSSL.
  SoftwareTpm();
  SoftwareTpm(const SoftwareTpm&) = delete;
  SoftwareTpm& operator=(const SoftwareTpm&) = delete;
  ~SoftwareTpm();

  // Makes a signing key that cannot leave the TPM, for tpm2_createprimary's -G. Its public part.
  KeyPtr make_key(const std::string& algorithm, const std::string& handle) const;
  void remove_key(const std::string& handle) const;

 private:
  // One of tpm2-tools; ends the test program when it fails.
  void run(const std::string& command) const;

  Scratch scratch_;
  pid_t process_ = -1;
};

}  // namespace minim::tls

#endif  // MINIM_TESTS_TLS_SUPPORT_SOFTWARE_TPM_H_
