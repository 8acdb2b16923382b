#include "client/wire.h"

#include "base/secret.h"

namespace minim::internal {

namespace {

constexpr std::string_view kAuthorization = "authorization";
constexpr std::string_view kResourceId = "temporal-resource-id";

bool is_header_text(std::string_view text) {
  if (text.starts_with(' ') || text.ends_with(' ')) return false;  // RFC 9113, 8.2.1
  for (const char c : text) {
    if (c < 0x20 || c > 0x7e) return false;
  }
  return true;
}

// The strings of a set of headers are private to it, and may hold the API key.
struct WipingDeleter {
  void operator()(const Metadata* metadata) const {
    for (const Metadata::Entry& entry : *metadata) {
      if (entry.key == kAuthorization) wipe(const_cast<std::string&>(entry.value));
    }
    delete metadata;
  }
};

}  // namespace

Wire::~Wire() { wipe(api_key_); }

Status Wire::set_api_key(std::string api_key) {
  if (!is_header_text(api_key)) {
    wipe(api_key);
    return Status(
        Code::kInvalidArgument,
        "api_key holds a character that a header cannot carry (a line break or space at its end?)");
  }
  const std::lock_guard lock(mutex_);
  wipe(api_key_);
  api_key_ = std::move(api_key);
  built_.clear();
  return Status();
}

Status Wire::set_rpc_metadata(Metadata metadata) {
  if (Status wrong = metadata.validate(); !wrong.ok()) {
    return wrong.with_message("rpc_metadata: " + std::string(wrong.message()));
  }
  const std::lock_guard lock(mutex_);
  metadata_ = std::move(metadata);
  built_.clear();
  return Status();
}

std::string Wire::api_key() const {
  const std::lock_guard lock(mutex_);
  return api_key_;
}

Metadata Wire::rpc_metadata() const {
  const std::lock_guard lock(mutex_);
  return metadata_;
}

void Wire::set_server_info(ServerInfo info) {
  const std::lock_guard lock(mutex_);
  server_info_ = std::move(info);
}

std::optional<ServerInfo> Wire::server_info() const {
  const std::lock_guard lock(mutex_);
  return server_info_;
}

std::shared_ptr<const Metadata> Wire::common(std::string_view namespace_) {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, metadata] : built_) {
    if (name == namespace_) return metadata;
  }
  auto made = build(namespace_);
  if (built_.size() == kMaxBuilt) built_.erase(built_.begin());
  built_.emplace_back(namespace_, made);
  return made;
}

// An id that no header can carry is left out: to gateways this is a hint, not a truth.
void Wire::add_resource_id(std::string_view workflow_id, const Metadata& common,
                           Metadata& own) const {
  if (!identity_.resource_id || workflow_id.empty() || !is_header_text(workflow_id)) return;
  if (own.find(kResourceId) != nullptr || common.find(kResourceId) != nullptr) return;
  own.add(kResourceId, std::string("workflow:").append(workflow_id));
}

// Client specification 0.2: client-name and client-version win over client-level entries, which win
// over the API key.
std::shared_ptr<const Metadata> Wire::build(std::string_view namespace_) const {
  auto* const metadata = new Metadata;
  std::shared_ptr<const Metadata> owner(metadata, WipingDeleter());
  if (!identity_.plain_grpc) {
    metadata->add("client-name", identity_.client_name);
    metadata->add("client-version", identity_.client_version);
    // Without it the server rewrites how a run closed that has a next one, and result() could not
    // tell a retry or a cron schedule from continue-as-new.
    metadata->add("supported-features", "follows-next-run-id");
  }
  for (const Metadata::Entry& entry : metadata_) {
    const bool ours = entry.key == "client-name" || entry.key == "client-version" ||
                      entry.key == "temporal-namespace";
    if (identity_.plain_grpc || !ours) metadata->add(entry.key, entry.value);
  }
  if (!api_key_.empty() && metadata_.find(kAuthorization) == nullptr) {
    std::string value = "Bearer " + api_key_;
    metadata->add(kAuthorization, value);
    wipe(value);
  }
  // A namespace that no header can carry is the server's to refuse, from the request itself.
  if (!identity_.plain_grpc && !namespace_.empty() && is_header_text(namespace_)) {
    metadata->add("temporal-namespace", namespace_);
  }
  return owner;
}

}  // namespace minim::internal
