// The bare core over two byte strings: a whole call without a network, a clock or a server.
#include <minim/core.h>

#include <cstdio>
#include <string>

namespace {

// One HTTP/2 frame (RFC 9113, 4.1) with a payload below 256 bytes.
std::string frame(char type, char flags, char stream, const std::string& payload) {
  const std::string head = {0, 0, static_cast<char>(payload.size()), type, flags, 0, 0, 0, stream};
  return head + payload;
}

// What a gRPC server writes when it answers the first call of a connection with `message`.
std::string answer(const std::string& message) {
  const char kData = 0, kHeaders = 1, kSettings = 4;
  const char kAck = 1, kEndStream = 1, kEndHeaders = 4;
  const std::string prefix = {0, 0, 0, 0, static_cast<char>(message.size())};
  return frame(kSettings, 0, 0, "") + frame(kSettings, kAck, 0, "") +
         // :status 200, content-type application/grpc, by the table of RFC 7541, appendix A
         frame(kHeaders, kEndHeaders, 1,
               "\x88\x0f\x10\x10"
               "application/grpc") +
         frame(kData, 0, 1, prefix + message) +
         frame(kHeaders, kEndHeaders | kEndStream, 1,
               std::string(1, '\0') +
                   "\x0b"
                   "grpc-status"
                   "\x01"
                   "0");
}

}  // namespace

int main() {
  minim::Time now{};  // time is an argument: this program decides what it is
  minim::rpc::ConnectionOptions options;
  options.authority = "example";
  minim::rpc::Connection connection(options, now);
  minim::rpc::Request request;
  request.path = "/example.Greeter/Greet";
  request.message = "Ann";
  connection.start(now, std::move(request), now + std::chrono::seconds(5));

  // The call itself is sent once the server's SETTINGS are there.
  std::string to_client = answer("hello, Ann");
  std::size_t chunk = 9;  // the SETTINGS frame
  std::string to_server;
  minim::rpc::Connection::Event event;
  while (!connection.next_event(&event) ||
         event.kind != minim::rpc::Connection::Event::Kind::kReply) {
    for (auto out = connection.output(); !out.empty(); out = connection.output()) {
      to_server += out;
      connection.consume_output(out.size());
    }
    if (to_client.empty()) return 1;
    connection.receive(now, to_client.substr(0, chunk));
    to_client.erase(0, chunk);
    chunk = to_client.size();
    now += std::chrono::milliseconds(1);
  }
  std::printf("%zu bytes sent; %s: %s\n", to_server.size(), event.reply.status.to_string().c_str(),
              event.reply.message.c_str());
  return event.reply.status.ok() ? 0 : 1;
}
