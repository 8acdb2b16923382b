// Whom a factory trusts: roots and revocation lists.
#ifndef MINIM_TLS_TRUST_H_
#define MINIM_TLS_TRUST_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "minim/status.h"
#include "tls/named_text.h"
#include "tls/openssl_ptr.h"

namespace minim::tls {

struct Trust {
  StorePtr store;
  std::string roots;        // for texts: which roots are trusted
  std::string lists;        // for texts: where the revocation lists are from; empty: none are asked
  std::string fingerprint;  // of the texts that it was read from
};

struct TrustTexts {
  NamedText roots;  // an empty text: the system's
  NamedText lists;  // an empty text: revocation is not looked at
  bool needs_roots = true;
};

std::string fingerprint_of(const TrustTexts& texts);

// Problems are of the texts and start with their names; FAILED_PRECONDITION when it is the system
// that has no roots. `trust` is of use when there is neither.
Status read_trust(const TrustTexts& texts, std::shared_ptr<const Trust>* trust,
                  std::vector<std::string>* problems);

}  // namespace minim::tls

#endif  // MINIM_TLS_TRUST_H_
