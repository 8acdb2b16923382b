// How the text of a signing function's error gets through OpenSSL: as the data of an entry in its
// error queue, of the kind that is for users.
#ifndef MINIM_TLS_SIGNER_ERROR_H_
#define MINIM_TLS_SIGNER_ERROR_H_

namespace minim::tls {

inline constexpr int kSignerReason = 4242;  // with ERR_LIB_USER

}  // namespace minim::tls

#endif  // MINIM_TLS_SIGNER_ERROR_H_
