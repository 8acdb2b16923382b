// The ways to the testbed through a real proxy that every such test goes.
#ifndef MINIM_TESTS_PROXIES_SUPPORT_WAYS_H_
#define MINIM_TESTS_PROXIES_SUPPORT_WAYS_H_

#include <memory>
#include <string>

#include "minim/minim.h"
#include "proxies/support/daemon.h"

namespace minim::testing {

enum class WayKind { kSquid, kTinyproxy, kHaproxyTcp, kHaproxyHttp2, kNginx, kNghttpx };

std::string way_name(WayKind kind);

// What differs between tests of one proxy. Texts go into the configuration as they are.
struct WayOptions {
  std::string backend{};   // host:port that a reverse proxy leads to; empty: the testbed
  std::string user{};      // that a forward proxy asks for, with password "pass-word"
  std::string extra{};     // configuration of the proxy's main section
  std::string location{};  // nginx: of the location; haproxy: of the frontend; nghttpx: the pattern
  bool tls = false;        // the client's leg
  // The testbed's TLS front: inside the tunnel of a forward proxy, behind nginx.
  bool tls_inside = false;
};

struct Way {
  std::unique_ptr<Daemon> daemon;
  ConnectOptions options;  // through it
};

// Not started yet. Certificates are the testbed's.
Way make_way(WayKind kind, const Scratch& scratch, const WayOptions& options = {});

}  // namespace minim::testing

#endif  // MINIM_TESTS_PROXIES_SUPPORT_WAYS_H_
