// A host's own parts: a resolver, a dialer that hands over a connected socket, a log.
//
//   own_parts 127.0.0.1:7233
#include <minim/dialer.h>
#include <minim/log.h>
#include <minim/minim.h>
#include <minim/resolver.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <thread>

// Names from a table of the host's own: a service registry, a configuration file.
class Table final : public minim::Resolver {
 public:
  explicit Table(minim::rpc::Address only) : only_(std::move(only)) {}
  void resolve(const std::string&, std::uint16_t, minim::ResolverAnswer answer) override {
    answer.give(std::vector<minim::rpc::Address>{only_});
  }

 private:
  const minim::rpc::Address only_;
};

// Connects on a thread, because a dialer must not block. A tunnel would go here.
class Plain final : public minim::Dialer {
 public:
  void dial(const minim::rpc::Address& address, minim::DialAnswer answer) override {
    std::thread([address, own = std::make_shared<minim::DialAnswer>(std::move(answer))] {
      const int connected = connect_to(address);
      connected >= 0 ? own->give(connected)
                     : own->fail({minim::Code::kUnavailable, "nobody listens"});
    }).detach();
  }

 private:
  static int connect_to(const minim::rpc::Address& address) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const std::string port = std::to_string(address.port);
    if (getaddrinfo(address.host.c_str(), port.c_str(), &hints, &found) != 0) return -1;
    int made = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (made >= 0 && connect(made, found->ai_addr, found->ai_addrlen) != 0) {
      close(made);
      made = -1;
    }
    freeaddrinfo(found);
    return made;
  }
};

class Lines final : public minim::Log {
 public:
  void write(minim::LogLevel, std::string_view line) override {
    std::fprintf(stderr, "minim: %.*s\n", static_cast<int>(line.size()), line.data());
  }
};

int main(int argc, char** argv) {
  const auto server = minim::rpc::parse_target(argc > 1 ? argv[1] : "127.0.0.1:7233");
  if (!server) return minim::complain(server.error());
  minim::Runtime runtime;
  auto connected =
      minim::connect(runtime, {.target = "temporal.example:7233",
                               .resolver = std::make_shared<Table>(minim::rpc::Address{
                                   minim::rpc::Address::Kind::kIp, server->host, server->port}),
                               .dialer = std::make_shared<Plain>(),
                               .log = std::make_shared<Lines>()});
  auto client = minim::wait(std::move(connected));
  if (!client) return minim::complain(client.error());
  auto info = minim::wait(client->get_system_info());
  if (!info) return minim::complain(info.error());
  std::printf("server %s\n", info->server_version.c_str());
}
