// The client under test of the conformance suite: minim's raw calls, driven by the runner.
//
// Standard input: a 4-byte big-endian length and a ClientRequest, again and again; standard output:
// a ClientResponse for each, in the same form, before the next request is read. Nothing else goes
// there. Ends with 0 when standard input does.
#include <minim/minim.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "conformance.pb.h"

namespace {

using minim::Metadata;
using minim::Result;
using minim::rpc::Reply;
namespace wire = minim::interop;

constexpr std::uint32_t kMaxMessageBytes = 16u << 20;  // the runner's own bound

// False at the end of input; a message that is cut or too large ends the program.
bool read_message(std::string& message) {
  std::array<unsigned char, 4> prefix{};
  const std::size_t got = std::fread(prefix.data(), 1, prefix.size(), stdin);
  if (got == 0) return false;
  const std::uint32_t size = std::uint32_t{prefix[0]} << 24 | std::uint32_t{prefix[1]} << 16 |
                             std::uint32_t{prefix[2]} << 8 | std::uint32_t{prefix[3]};
  if (got == prefix.size() && size <= kMaxMessageBytes) {
    message.resize(size);
    if (std::fread(message.data(), 1, size, stdin) == size) return true;
  }
  std::fprintf(stderr, "connect-client: a request was cut short, or is above 16 MiB\n");
  std::exit(1);
}

void write_message(const std::string& message) {
  const auto size = static_cast<std::uint32_t>(message.size());
  const std::array<char, 4> prefix = {static_cast<char>(size >> 24), static_cast<char>(size >> 16),
                                      static_cast<char>(size >> 8), static_cast<char>(size)};
  std::fwrite(prefix.data(), 1, prefix.size(), stdout);
  std::fwrite(message.data(), 1, message.size(), stdout);
  std::fflush(stdout);
}

// One client for each server and way to reach it.
class Clients {
 public:
  Result<minim::Client> find(const wire::ClientRequest& request) {
    const std::string target = request.host() + ":" + std::to_string(request.port());
    const bool gzip = request.compression() == wire::COMPRESSION_GZIP;
    const auto& identity = request.client_tls_creds();
    const std::string key =
        target + (gzip ? " gzip " : " ") + request.server_tls_cert() + identity.cert();
    if (const auto found = made_.find(key); found != made_.end()) return found->second;
    minim::ConnectOptions options;
    options.target = target;
    options.plain_grpc = true;
    options.retry = minim::rpc::no_retry();  // the server counts what it sees of each case
    options.gzip_above_bytes.reset();
    if (gzip) options.gzip_above_bytes = 0;
    options.limits.max_receive_message_bytes = request.message_receive_limit();
    options.tls = !request.server_tls_cert().empty();
    options.tls_options.root_certificates = request.server_tls_cert();
    options.tls_options.client_certificate = identity.cert();
    options.tls_options.client_private_key = identity.key();
    Result<minim::Client> client = minim::Client::create(runtime_, std::move(options));
    if (client) made_.emplace(key, *client);
    return client;
  }

 private:
  minim::Runtime runtime_;
  std::map<std::string, minim::Client> made_;
};

bool is_binary(std::string_view key) { return key.ends_with("-bin"); }

minim::CallOptions call_options(const wire::ClientRequest& request) {
  minim::CallOptions options;
  options.rpc_timeout = request.has_timeout_ms() ? std::chrono::milliseconds(request.timeout_ms())
                                                 : minim::Duration::max();
  for (const wire::Header& header : request.request_headers()) {
    for (const std::string& value : header.value()) {
      const auto bytes = is_binary(header.name()) ? minim::base64_decode(value) : std::nullopt;
      options.metadata.add(header.name(), bytes ? *bytes : value);
    }
  }
  return options;
}

// Runs the call; cancels it as many milliseconds after its start as the request says.
Result<Reply> exchange(const minim::Client& client, const wire::ClientRequest& request) {
  struct Slot {
    std::mutex mutex;
    std::condition_variable filled;
    std::optional<Result<Reply>> result;
  } slot;
  const std::string path = "/" + request.service() + "/" + request.method();
  const std::string message =
      request.request_messages().empty() ? "" : request.request_messages(0).value();
  auto call = client.exchange(path, message).with(call_options(request));
  const minim::Ticket ticket = std::move(call).start([&slot](Result<Reply> result) {
    const std::lock_guard lock(slot.mutex);
    slot.result.emplace(std::move(result));
    slot.filled.notify_one();
  });
  std::unique_lock lock(slot.mutex);
  const auto done = [&slot] { return slot.result.has_value(); };
  if (request.has_cancel()) {
    const std::chrono::milliseconds wait(request.cancel().after_close_send_ms());
    if (!slot.filled.wait_for(lock, wait, done)) {
      lock.unlock();
      ticket.cancel();
      lock.lock();
    }
  }
  slot.filled.wait(lock, done);
  return std::move(*slot.result);
}

// All values of a key go into one entry: of two entries the runner would see the last.
void put_headers(const Metadata& metadata,
                 google::protobuf::RepeatedPtrField<wire::Header>& headers) {
  std::map<std::string_view, wire::Header*> by_key;
  for (const Metadata::Entry& entry : metadata) {
    wire::Header*& header = by_key[entry.key];
    if (header == nullptr) {
      header = headers.Add();
      header->set_name(entry.key);
    }
    header->add_value(is_binary(entry.key)
                          ? minim::base64_encode(entry.value, minim::Base64Padding::kOmit)
                          : entry.value);
  }
}

void put_error(const minim::Status& status, wire::CallError& error) {
  error.set_code(static_cast<int>(status.code()));
  error.set_message(std::string(status.message()));
  wire::RpcStatus details;
  if (details.ParseFromString(std::string(status.details()))) {
    *error.mutable_details() = details.details();
  }
}

void put_reply(const Reply& reply, wire::CallResult& result) {
  put_headers(reply.headers, *result.mutable_response_headers());
  put_headers(reply.trailers, *result.mutable_response_trailers());
  if (!reply.status.ok()) return put_error(reply.status, *result.mutable_error());
  wire::UnaryAnswer answer;
  if (answer.ParseFromString(reply.message)) {
    result.add_payloads(answer.payload());
  } else {
    put_error(minim::Status(minim::Code::kInternal, "the reply is not the message it should be"),
              *result.mutable_error());
  }
}

wire::ClientResponse answer(Clients& clients, const wire::ClientRequest& request) {
  wire::ClientResponse response;
  response.set_test_name(request.test_name());
  const Result<minim::Client> client = clients.find(request);
  if (!client) {
    response.mutable_error()->set_message(client.error().to_string());
    return response;
  }
  const Result<Reply> reply = exchange(*client, request);
  if (reply) {
    put_reply(*reply, *response.mutable_response());
  } else {
    put_error(reply.error(), *response.mutable_response()->mutable_error());
  }
  return response;
}

}  // namespace

int main() {
  Clients clients;
  for (std::string message; read_message(message);) {
    wire::ClientRequest request;
    if (!request.ParseFromString(message)) {
      std::fprintf(stderr, "connect-client: a request cannot be parsed\n");
      return 1;
    }
    write_message(answer(clients, request).SerializeAsString());
  }
}
