// Files of certificates and keys, read whole.
#ifndef MINIM_TLS_FILE_H_
#define MINIM_TLS_FILE_H_

#include <cstddef>
#include <string>

namespace minim::tls {

// Of a bundle with all the roots of a system there go sixty into it; lists of revoked certificates
// are the larger ones.
inline constexpr std::size_t kMaxFileBytes = 16 * 1024 * 1024;

// Replaces `text`, in one block, so that wipe() leaves no copy behind. False, with a phrase in
// `problem`, when there is no such file, when it is no regular file (a pipe would block the loop,
// and can be read only once), or when it is too large.
bool read_file(const std::string& path, std::string* text, std::string* problem);

}  // namespace minim::tls

#endif  // MINIM_TLS_FILE_H_
