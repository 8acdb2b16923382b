#include <utility>

#include "minim/tls.h"
#include "tls/openssl_ptr.h"
#include "tls/peer_name.h"
#include "tls/tls_context.h"
#include "tls/tls_filter.h"

namespace minim {

namespace {

class TlsFactory final : public FilterFactory {
 public:
  explicit TlsFactory(std::shared_ptr<const tls::TlsContext> context)
      : context_(std::move(context)) {}

  Result<std::unique_ptr<Filter>> open(const std::string& host) override {
    auto filter = std::make_unique<tls::TlsFilter>(
        context_, tls::peer_name(host, context_->server_name, context_->verification_server_name));
    Status started = filter->start();
    if (!started.ok()) return started;
    return std::unique_ptr<Filter>(std::move(filter));
  }

  std::string authority() const override {
    // RFC 3986, 3.2.2: an IPv6 address stands in brackets.
    const std::string& name = context_->server_name;
    if (name.find(':') == name.npos || name.front() == '[') return name;
    return "[" + name + "]";
  }

 private:
  const std::shared_ptr<const tls::TlsContext> context_;
};

}  // namespace

Result<std::shared_ptr<FilterFactory>> make_tls(const TlsOptions& options) {
  Result<std::shared_ptr<const tls::TlsContext>> context = tls::make_context(options);
  if (!context) return context.error();
  return std::shared_ptr<FilterFactory>(std::make_shared<TlsFactory>(*context));
}

}  // namespace minim
