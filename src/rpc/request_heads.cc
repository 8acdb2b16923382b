#include "rpc/request_heads.h"

#include <utility>

#include "grpcframe/gzip.h"
#include "grpcframe/request_headers.h"

namespace minim::rpc {

namespace {

constexpr std::string_view kAnyTimeout = "0n";

std::vector<HeaderField> fields_of(const ConnectionOptions& options, const Request& request,
                                   const RequestHeads::Head& head, std::string& base64) {
  std::vector<HeaderField> fields;
  build_request_headers({.tls = options.tls,
                         .path = head.path,
                         .authority = options.authority,
                         .timeout = head.timed ? kAnyTimeout : std::string_view(),
                         .user_agent = options.user_agent,
                         .gzip = head.gzip,
                         .accept_gzip = options.accept_gzip && gzip_available(),
                         .metadata = &request.metadata,
                         .common = request.common.get()},
                        fields, base64);
  return fields;
}

}  // namespace

RequestHeads::Head::Head(const ConnectionOptions& options, const Request& request, bool with_gzip,
                         bool with_timeout)
    : path(request.path),
      common(request.common),
      has_common(request.common != nullptr),
      gzip(with_gzip),
      timed(with_timeout),
      fields(fields_of(options, request, *this, base64),
             with_timeout ? kTimeoutField : h2::RequestHead::kNoVarying),
      bytes(header_list_bytes(fields.fields()) - (with_timeout ? kAnyTimeout.size() : 0)) {}

RequestHeads::Head* RequestHeads::find(const Request& request, bool gzip, bool timed) {
  if (!request.metadata.empty()) return nullptr;
  for (std::size_t i = 0; i < kept_.size(); ++i) {
    const std::size_t at = found_ + i < kept_.size() ? found_ + i : found_ + i - kept_.size();
    if (!kept_[at]->fits(request, gzip, timed)) continue;
    found_ = at;
    ++kept_[at]->users;
    return kept_[at].get();
  }
  return nullptr;
}

RequestHeads::Head& RequestHeads::take(const Request& request, bool gzip, bool timed) {
  if (Head* const found = find(request, gzip, timed)) return *found;
  auto made = std::make_unique<Head>(options_, request, gzip, timed);
  made->users = 1;
  if (!request.metadata.empty()) return *made.release();
  return *keep(std::move(made));
}

// Where all are in use the new one is its call's own.
RequestHeads::Head* RequestHeads::keep(std::unique_ptr<Head> head) {
  std::erase_if(kept_, [](const std::unique_ptr<Head>& kept) { return kept->is_stale(); });
  found_ = 0;
  if (kept_.size() < kMaxKeptHeads) {
    head->is_kept = true;
    return kept_.emplace_back(std::move(head)).get();
  }
  for (std::size_t i = 0; i < kept_.size(); ++i) {
    replaced_ = replaced_ + 1 < kept_.size() ? replaced_ + 1 : 0;
    if (kept_[replaced_]->users != 0) continue;
    head->is_kept = true;
    kept_[replaced_] = std::move(head);
    return kept_[replaced_].get();
  }
  return head.release();
}

void RequestHeads::release(Head& head) {
  if (--head.users == 0 && !head.is_kept) delete &head;
}

}  // namespace minim::rpc
