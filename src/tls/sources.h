// Where trust and identity come from: texts once, files and a function for each connection.
#ifndef MINIM_TLS_SOURCES_H_
#define MINIM_TLS_SOURCES_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "minim/tls.h"
#include "tls/identity.h"
#include "tls/trust.h"

namespace minim::tls {

// Immutable once made.
class Sources {
 public:
  // What connections begin with. What has not changed since the last reading is the same object.
  struct Parts {
    std::shared_ptr<const Trust> trust;
    std::shared_ptr<const Identity> identity;
  };

  // Reads all that can be read now: everything but what a function would be asked for, in place of
  // which there is no identity. Problems: see read_trust() and read_identity().
  Status start(const TlsOptions& options, Parts* parts, std::vector<std::string>* problems);

  // False: parts never change.
  bool may_change() const { return trust_may_change() || identity_may_change(); }
  // Reads anew what may have changed, and asks the function.
  Status read(Parts* parts, std::vector<std::string>* problems) const;

 private:
  // An option given as a text or as a file. The text of a key is never kept.
  struct Source {
    std::string option;
    std::string text;
    std::string file;

    // As errors call it.
    std::string name() const { return file.empty() ? option : option + "_file " + file; }
    // The text: what is kept, or the file's, read into `buffer`.
    NamedText read(std::string* buffer, std::vector<std::string>* problems) const;
  };

  bool trust_may_change() const { return !roots_.file.empty() || !lists_.file.empty(); }
  bool identity_may_change() const {
    return asks_ != nullptr || !certificate_.file.empty() || !key_.file.empty();
  }
  std::string key_name() const { return handle_ != nullptr ? "client_key" : key_.name(); }
  void check_ways(const TlsOptions& options, std::vector<std::string>* problems) const;
  Status read_trust_now(std::shared_ptr<const Trust>* trust,
                        std::vector<std::string>* problems) const;
  void read_identity_now(std::shared_ptr<const Identity>* identity,
                         std::vector<std::string>* problems) const;
  void ask(std::shared_ptr<const Identity>* identity, std::vector<std::string>* problems) const;

  Source roots_{"root_certificates", {}, {}};
  Source lists_{"revocation_lists", {}, {}};
  Source certificate_{"client_certificate", {}, {}};
  Source key_{"client_private_key", {}, {}};
  std::shared_ptr<const TlsKey> handle_;
  std::function<Result<TlsIdentity>()> asks_;
  bool needs_roots_ = true;
};

}  // namespace minim::tls

#endif  // MINIM_TLS_SOURCES_H_
