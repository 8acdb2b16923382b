// Turns one HTTP/2 response into the outcome of a unary gRPC call: status, message, metadata.
//
//   a good call      on_headers(200, application/grpc) on_data(prefix+message)
//                    on_headers(grpc-status 0, end)
//   trailers only    on_headers(200, application/grpc, grpc-status 5, end)
//   a reset          on_headers(...) on_reset(CANCEL)
//   not gRPC         on_headers(502, text/html) on_data("<html>...", end)
//
// Each input returns a verdict; after any but kGoOn the outcome is ready and further input is
// ignored. The server's own grpc-status has Origin::kServer and the server's text alone; what broke
// the protocol has Origin::kTransport; a limit of ours has Origin::kLocal, and the server may have
// been reached all the same. Sources: gRPC PROTOCOL-HTTP2 and http-grpc-status-mapping;
// docs/wire.md has the tables.
#ifndef MINIM_GRPCFRAME_RESPONSE_H_
#define MINIM_GRPCFRAME_RESPONSE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "grpcframe/error_codes.h"
#include "grpcframe/header_field.h"
#include "grpcframe/message_reader.h"
#include "grpcframe/response_block.h"
#include "minim/metadata.h"
#include "minim/status.h"

namespace minim {

struct Response {
  Status status;               // OK: `message` is the reply
  std::string message;         // serialised reply; empty unless OK
  std::size_t wire_bytes = 0;  // of the message before it was decompressed
  Metadata headers;            // custom entries of the initial block, "-bin" decoded
  Metadata trailers;           // of the trailing block, or of a trailers-only response
  Pushback pushback;
};

enum class Verdict : std::uint8_t {
  kGoOn,   // more to come
  kDone,   // the peer has ended the stream, or reset it: nothing to send
  kReset,  // failed here in mid-response: the stream must be reset (CANCEL)
};

class ResponseReader {
 public:
  // Ready for a new response; keeps no memory of the last one.
  void begin(std::size_t max_message_bytes, bool accept_gzip);

  // A complete, final header block: the initial one, or the trailers. Informational (1xx) blocks
  // are not passed in.
  Verdict on_headers(HeaderFields fields, bool end_stream);
  Verdict on_data(std::string_view bytes, bool end_stream);
  // RST_STREAM from the peer with an HTTP/2 error code. `deadline_passed`: CANCEL then means
  // DEADLINE_EXCEEDED. REFUSED_STREAM before any headers proves that the server did not act.
  Verdict on_reset(std::uint32_t http2_error, bool deadline_passed);
  // The HTTP/2 layer reset the stream for the peer's breach of protocol (`what`): INTERNAL.
  Verdict on_protocol_error(std::string_view what);
  // The response header list passed our limit: RESOURCE_EXHAUSTED that names it.
  Verdict on_headers_too_large(std::size_t limit_bytes);
  // The same by one field of it, above a limit that is not ours to set.
  Verdict on_header_field_too_large(std::size_t limit_bytes);

  // Whether response headers have been seen: such a call is never repeated transparently.
  bool saw_headers() const { return saw_headers_; }
  bool done() const { return state_ == State::kDone; }
  // What has come is no gRPC response but, say, a proxy's page.
  bool is_foreign() const { return state_ == State::kForeign; }
  // Only if it is foreign: what it was, so far.
  Status foreign_status() const;

  // The outcome, to be moved from before begin(); after a verdict other than kGoOn.
  Response&& take() { return std::move(response_); }

 private:
  enum class State : std::uint8_t {
    kIdle,     // nothing seen
    kMessage,  // gRPC headers seen, message bytes expected
    kForeign,  // not a gRPC response: its first bytes are kept for the error text
    kDone,
  };

  // What is remembered of a response that is not quite right, for the error text.
  struct Oddity {
    std::string codec;         // subtype of application/grpc+..., empty for the one we speak
    std::string encoding;      // grpc-encoding that we cannot read
    std::string foreign_head;  // content-type, server, via of a foreign response
    std::string foreign_body;  // its first kMaxForeignBodyBytes
  };

  Oddity& oddity();
  Verdict on_initial(HeaderFields fields, bool end_stream);
  Verdict on_trailers(HeaderFields fields, bool end_stream);
  Verdict on_foreign_data(std::string_view bytes, bool end_stream);

  Verdict refuse_headers(std::string text);

  // The peer's side of the stream is over, as far as we care.
  Verdict finish(Status status);
  // Failed here: the stream must be reset unless the peer has ended it.
  Verdict fail(Status status, bool end_stream);
  Status outcome_of(const ResponseBlock& block);
  Status outcome_ok();
  Status broken(Code code, std::string text) const;
  Status bad_message(const Status& status) const;

  State state_ = State::kIdle;
  bool accept_gzip_ = false;
  bool saw_headers_ = false;
  int http_status_ = 0;  // 0 until the initial block has come
  std::size_t max_message_bytes_ = 0;
  MessageReader reader_;
  std::unique_ptr<Oddity> oddity_;  // null as long as all is as it should be
  Response response_;
};

}  // namespace minim

#endif  // MINIM_GRPCFRAME_RESPONSE_H_
