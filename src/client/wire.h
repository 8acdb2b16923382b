// What the clients of one connection share: the port, and the headers that every call carries.
#ifndef MINIM_CLIENT_WIRE_H_
#define MINIM_CLIENT_WIRE_H_

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "minim/client.h"
#include "minim/internal/executor.h"
#include "minim/metadata.h"

namespace minim::internal {

// Namespaces whose headers are kept ready; those of further ones are made for each call.
inline constexpr std::size_t kMaxBuilt = 16;

class Wire {
 public:
  struct Identity {
    bool plain_grpc = false;  // neither client-name nor client-version nor a namespace
    std::string client_name;
    std::string client_version;
    bool resource_id = false;  // temporal-resource-id
  };

  Wire(std::shared_ptr<Port> port, Identity identity)
      : port_(std::move(port)), identity_(std::move(identity)) {}
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  ~Wire();

  const std::shared_ptr<Port>& port() const { return port_; }

  // INVALID_ARGUMENT leaves everything as it was; the key itself is never quoted.
  Status set_api_key(std::string api_key);
  Status set_rpc_metadata(Metadata metadata);
  std::string api_key() const;
  Metadata rpc_metadata() const;

  void set_server_info(ServerInfo info);
  std::optional<ServerInfo> server_info() const;

  // The entries that each call carries beside its own, with temporal-namespace unless `namespace_`
  // is empty. Made once for each namespace and again after a change.
  std::shared_ptr<const Metadata> common(std::string_view namespace_);

  // Adds which workflow a call is about, if this connection says so (ConnectOptions::resource_id)
  // and neither the call's own metadata nor `common` says something else.
  void add_resource_id(std::string_view workflow_id, const Metadata& common, Metadata& own) const;

 private:
  std::shared_ptr<const Metadata> build(std::string_view namespace_) const;

  const std::shared_ptr<Port> port_;
  const Identity identity_;
  mutable std::mutex mutex_;  // guards what follows: any thread may change credentials
  std::string api_key_;
  Metadata metadata_;
  std::optional<ServerInfo> server_info_;
  // At most kMaxBuilt; the oldest first.
  std::vector<std::pair<std::string, std::shared_ptr<const Metadata>>> built_;
};

}  // namespace minim::internal

#endif  // MINIM_CLIENT_WIRE_H_
