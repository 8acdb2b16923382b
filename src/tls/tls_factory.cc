#include <mutex>
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
  TlsFactory(tls::Sources sources, std::shared_ptr<const tls::TlsContext> context)
      : sources_(std::move(sources)), settings_(context->settings), context_(std::move(context)) {}

  Result<std::unique_ptr<Filter>> open(const std::string& host) override {
    const tls::CleanErrorQueue clean;
    std::shared_ptr<const tls::TlsContext> context;
    if (Status status = refresh(&context); !status.ok()) return status;
    auto filter = std::make_unique<tls::TlsFilter>(
        std::move(context),
        tls::peer_name(host, settings_->server_name, settings_->verification_server_name));
    Status started = filter->start();
    if (!started.ok()) return started;
    return std::unique_ptr<Filter>(std::move(filter));
  }

  std::string authority() const override {
    // RFC 3986, 3.2.2: an IPv6 address stands in brackets.
    const std::string& name = settings_->server_name;
    if (name.find(':') == name.npos || name.front() == '[') return name;
    return "[" + name + "]";
  }

 private:
  // The context of today's files. Nothing is locked while they are read, and a slower thread may
  // put an older context in place: the next connection notices, because it reads them as well.
  Status refresh(std::shared_ptr<const tls::TlsContext>* context) {
    {
      const std::lock_guard lock(mutex_);
      *context = context_;
    }
    if (!sources_.may_change()) return Status();
    tls::Sources::Parts parts = (*context)->parts;
    std::vector<std::string> problems;
    Status status = sources_.read(&parts, &problems);
    if (status.ok() && problems.empty()) {
      if (parts.trust == (*context)->parts.trust && parts.identity == (*context)->parts.identity) {
        return Status();
      }
      status = tls::make_context(settings_, parts, context, &problems);
    }
    if (!problems.empty()) {
      // A key may be a moment behind its certificate, so that it is worth another try.
      return Status(Code::kUnavailable, "TLS: " + tls::joined_problems(problems));
    }
    if (!status.ok()) return status;
    const std::lock_guard lock(mutex_);
    context_ = *context;
    return Status();
  }

  const tls::Sources sources_;
  const std::shared_ptr<const tls::Settings> settings_;
  std::mutex mutex_;
  std::shared_ptr<const tls::TlsContext> context_;  // guarded by mutex_
};

Status invalid(const std::vector<std::string>& problems) {
  return Status(Code::kInvalidArgument, "TLS options: " + tls::joined_problems(problems));
}

Result<std::shared_ptr<FilterFactory>> make(const TlsOptions& options, tls::Inside inside) {
  const tls::CleanErrorQueue clean;
  const auto settings = std::make_shared<tls::Settings>();
  std::vector<std::string> problems;
  tls::Sources sources;
  tls::Sources::Parts parts;
  std::shared_ptr<const tls::TlsContext> context;
  Status status = sources.start(options, &parts, &problems);
  tls::read_settings(options, settings.get(), &problems);
  settings->inside = inside;
  if (!problems.empty()) return invalid(problems);
  if (!status.ok()) return status;
  status = tls::make_context(settings, parts, &context, &problems);
  if (!problems.empty()) return invalid(problems);
  if (!status.ok()) return status;
  return std::shared_ptr<FilterFactory>(
      std::make_shared<TlsFactory>(std::move(sources), std::move(context)));
}

}  // namespace

Result<std::shared_ptr<FilterFactory>> make_tls(const TlsOptions& options) {
  return make(options, tls::Inside::kHttp2);
}

Result<std::shared_ptr<FilterFactory>> make_proxy_tls(const TlsOptions& options) {
  return make(options, tls::Inside::kHttp1);
}

}  // namespace minim
