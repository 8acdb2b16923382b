// One way to the server from its dial to its end: socket, proxy, filter (TLS), HTTP/2.
//
//   kDialing --dialed--> [[kProxyFilter --open-->] kProxy --200-->] [kFilter --open-->] kHttp2
//        --kReady event--> calls
//        any stage but the last --failed--> failure() says why, and nothing was ever sent for a
//        call
//
// Bytes on their way in: socket --> [proxy_filter_] --> [proxy_ until it opens the tunnel] -->
// [filter_] --> connection_; on their way out the same back.
#ifndef MINIM_RPC_LINK_H_
#define MINIM_RPC_LINK_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "minim/filter.h"
#include "minim/rpc/channel.h"
#include "minim/rpc/connection.h"
#include "minim/rpc/target.h"
#include "rpc/proxy_handshake.h"

namespace minim::rpc {

class Link {
 public:
  enum class Stage : std::uint8_t { kDialing, kProxyFilter, kProxy, kFilter, kHttp2, kFailed };

  // What each link of a channel is made from; outlives its links.
  struct Plan {
    const ChannelOptions* options = nullptr;
    const Target* target = nullptr;
    const Target* proxy = nullptr;  // null: none
    std::string authority;
    std::vector<Observation>* observations = nullptr;  // null: nobody observes
  };

  Link(LinkId id, Address address, const Plan& plan);

  LinkId id() const { return id_; }
  const Address& address() const { return address_; }
  Stage stage() const { return stage_; }
  // Set in stage kHttp2 only.
  Connection* connection() { return connection_ ? &*connection_ : nullptr; }
  // Why a link that never became HTTP/2 will not.
  const Status& failure() const { return failure_; }
  // For a deadline that strikes now: "connecting to 10.0.0.5:7233".
  std::string phase() const;

  // `keepalive`: as the channel has it by now.
  void dialed(Time now, const Status& status, const std::optional<KeepaliveOptions>& keepalive);
  void receive(Time now, std::string_view bytes);
  void disconnected(Time now, Status why);
  std::string_view output();
  void consume_output(std::size_t count);
  // Orderly end of the filter, after the connection's last words.
  void say_goodbye();
  // As dialed() got it.
  const std::optional<KeepaliveOptions>& keepalive() const { return keepalive_; }

  Time next_deadline() const;
  void on_time(Time now);

  // The channel's notes on this link.
  bool close_asked = false;  // kClose is queued or done
  bool retired = false;      // by us, for want of calls
  bool was_ready = false;
  Time dialed_since{};
  Time ready_since{};        // valid if was_ready
  bool proven = false;       // the server has answered a call here
  Time idle_since{};         // valid if was_ready and no call is open here
  bool limit_noted = false;  // that its stream limit makes calls wait
  bool in_events = false;    // its events are being taken

 private:
  void open_proxy();
  void open_proxy_filter();
  void open_filter(Time now, std::string_view tunnel_bytes);
  void open_http2(Time now);
  void receive_tunnel(Time now, std::string_view bytes);
  void pass_plain(Time now);
  std::string_view tunnel_output();
  void consume_tunnel_output(std::size_t count);
  void tunnel_ended(Time now, Status why);
  void fail(Status why);
  std::string server_text() const;

  const LinkId id_;
  const Address address_;
  const Plan& plan_;
  Stage stage_ = Stage::kDialing;
  std::unique_ptr<Filter> proxy_filter_;
  std::optional<ProxyHandshake> proxy_;
  std::unique_ptr<Filter> filter_;
  std::optional<Connection> connection_;
  std::optional<KeepaliveOptions> keepalive_;
  Status failure_;
  // A filter has failed in output(), where no event can come from: on_time() is due at once.
  bool send_failed_ = false;
};

}  // namespace minim::rpc

#endif  // MINIM_RPC_LINK_H_
