// A client key of the host's: minim says what is to be signed, a function of the host's signs. A
// program that does not use this header links nothing for it.
#ifndef MINIM_TLS_SIGNING_KEY_H_
#define MINIM_TLS_SIGNING_KEY_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "minim/result.h"
#include "minim/tls.h"

namespace minim {

enum class TlsPadding {
  kNone,   // ECDSA: the signature is the DER of (r, s). Ed25519 and Ed448: as RFC 8032 has it
  kPkcs1,  // RSASSA-PKCS1-v1_5
  kPss,    // RSASSA-PSS: MGF1 with the same hash, a salt as long as the hash
};

// One signature. The views live during the call.
struct TlsSigning {
  std::string_view hash{};     // "SHA256", "SHA384", "SHA512"; empty for Ed25519 and Ed448
  std::string_view message{};  // what is to be signed, before it is hashed
  std::string_view digest{};   // its hash; empty for Ed25519 and Ed448
  TlsPadding padding = TlsPadding::kNone;
};

// Returns the signature. Called on a channel's thread in the middle of a handshake, maybe on
// several at once; must not throw and should be done within milliseconds, because the loop waits
// for it. An error fails that handshake: its text becomes part of the failure's.
using TlsSigner = std::function<Result<std::string>(const TlsSigning&)>;

// The key of `certificate` (PEM, the first one in it): RSA, EC, Ed25519 or Ed448. INVALID_ARGUMENT
// when there is no certificate in it, its key is of another kind, or `signer` is empty.
Result<std::shared_ptr<const TlsKey>> tls_signing_key(const std::string& certificate,
                                                      TlsSigner signer);

}  // namespace minim

#endif  // MINIM_TLS_SIGNING_KEY_H_
