#include "grpcframe/response.h"

#include <algorithm>
#include <utility>

#include "base/base64.h"
#include "grpcframe/percent.h"
#include "minim/rich_status.h"

namespace minim {

namespace {

// How much of a foreign response is quoted: enough for the heading of an error page.
constexpr std::size_t kMaxForeignBodyBytes = 1024;
constexpr std::size_t kMaxQuotedBytes = 128;

std::string quoted(std::string_view value) { return "'" + printable(value, kMaxQuotedBytes) + "'"; }

std::string describe_foreign(const ResponseBlock& block, const Metadata& custom) {
  std::string text = block.has_content_type ? "content-type " + quoted(block.content_type)
                                            : std::string("no content-type");
  for (const std::string_view name : {"server", "via"}) {
    if (const std::string* const value = custom.find(name)) {
      text.append(", ").append(name).append(" ").append(quoted(*value));
    }
  }
  if (block.has_status) text.append(", grpc-status ").append(quoted(block.status));
  if (!block.message.empty()) {
    text.append(", grpc-message ").append(quoted(percent_decode(block.message)));
  }
  return text;
}

// Details that cannot be read, or came more than once, are dropped: code and text still stand.
Status with_details_of(const ResponseBlock& block, Status status) {
  if (block.details_count != 1) return status;
  std::optional<std::string> bytes = base64_decode(block.details);
  if (!bytes || !parse_rich_status(*bytes)) return status;
  return status.with_details(std::move(*bytes));
}

// The same headers would meet the limit again.
Status above_limit(std::string text) {
  return Status(Code::kResourceExhausted, std::move(text))
      .with_reached_server(true)
      .with_retryable(false);
}

Status joined_too_large() {
  return above_limit("joined binary values of a response header list are larger than max (" +
                     std::to_string(kMaxJoinedBytes) + " bytes) apart");
}

std::string malformed_status(const ResponseBlock& block) {
  std::string text;
  if (block.status_conflict) {
    text = "server sent grpc-status " + quoted(block.status) + " and " + quoted(block.other_status);
  } else {
    text = "server sent grpc-status " + quoted(block.status) + ", not a number from 0 to 16";
  }
  if (!block.message.empty()) {
    text.append("; grpc-message ").append(quoted(percent_decode(block.message)));
  }
  return text;
}

}  // namespace

void ResponseReader::begin(std::size_t max_message_bytes, bool accept_gzip) {
  state_ = State::kIdle;
  accept_gzip_ = accept_gzip;
  saw_headers_ = false;
  http_status_ = 0;
  max_message_bytes_ = max_message_bytes;
  reader_.begin(max_message_bytes, false);
  oddity_.reset();
  response_.status = Status();
  if (!response_.message.empty()) std::string().swap(response_.message);
  response_.wire_bytes = 0;
  if (!response_.headers.empty()) response_.headers = Metadata();
  if (!response_.trailers.empty()) response_.trailers = Metadata();
  response_.pushback = Pushback();
}

Verdict ResponseReader::on_headers(HeaderFields fields, bool end_stream) {
  switch (state_) {
    case State::kIdle:
      return on_initial(fields, end_stream);
    case State::kMessage:
      return on_trailers(fields, end_stream);
    case State::kForeign:
      return fail(foreign_status(), end_stream);
    case State::kDone:
      break;
  }
  return Verdict::kDone;
}

Verdict ResponseReader::on_initial(HeaderFields fields, bool end_stream) {
  saw_headers_ = true;
  Metadata& custom = end_stream ? response_.trailers : response_.headers;
  const ResponseBlock block = read_response_block(fields, custom);
  if (block.joined_bytes > kMaxJoinedBytes) return fail(joined_too_large(), end_stream);
  if (block.http_status < 200 || block.has_other_pseudo) {
    std::string_view what = "a pseudo-header that only requests have";
    if (!block.has_http_status) {
      what = "no :status";
    } else if (block.http_status < 0) {
      what = "a malformed :status";
    } else if (block.http_status < 200) {
      what = "an informational :status where the final one must be";
    }
    return fail(broken(Code::kInternal, "response headers have " + std::string(what)), end_stream);
  }
  http_status_ = block.http_status;
  if (!block.is_grpc) {
    state_ = State::kForeign;
    oddity().foreign_head = describe_foreign(block, custom);
    return end_stream ? finish(foreign_status()) : Verdict::kGoOn;
  }
  if (!block.codec.empty()) oddity().codec = printable(block.codec, kMaxQuotedBytes);
  // grpc-status here counts only if nothing follows: gRPC puts it into the last block.
  if (end_stream) return finish(outcome_of(block));
  const bool gzip = accept_gzip_ && block.encoding == "gzip";
  if (!gzip && !block.encoding.empty()) {
    oddity().encoding = printable(block.encoding, kMaxQuotedBytes);
  }
  reader_.begin(max_message_bytes_, gzip);
  state_ = State::kMessage;
  return Verdict::kGoOn;
}

Verdict ResponseReader::on_trailers(HeaderFields fields, bool end_stream) {
  const ResponseBlock block = read_response_block(fields, response_.trailers);
  if (!end_stream) {
    return fail(broken(Code::kInternal, "server sent a second header block in mid-response"),
                false);
  }
  if (block.joined_bytes > kMaxJoinedBytes) return fail(joined_too_large(), end_stream);
  if (block.has_http_status || block.has_other_pseudo) {
    return finish(broken(Code::kInternal, "response trailers have a pseudo-header"));
  }
  return finish(outcome_of(block));
}

Verdict ResponseReader::on_data(std::string_view bytes, bool end_stream) {
  switch (state_) {
    case State::kIdle:
      return fail(broken(Code::kInternal, "server sent DATA before response headers"), end_stream);
    case State::kMessage: {
      if (Status status = reader_.receive(bytes); !status.ok()) {
        return fail(bad_message(status), end_stream);
      }
      if (!end_stream) return Verdict::kGoOn;
      return finish(broken(Code::kInternal, "server ended the stream without sending trailers"));
    }
    case State::kForeign:
      return on_foreign_data(bytes, end_stream);
    case State::kDone:
      break;
  }
  return Verdict::kDone;
}

Verdict ResponseReader::on_foreign_data(std::string_view bytes, bool end_stream) {
  std::string& body = oddity_->foreign_body;
  body.append(bytes.substr(0, kMaxForeignBodyBytes - body.size()));
  if (end_stream) return finish(foreign_status());
  // Nothing that can follow would change the outcome, and a body may be endless.
  if (body.size() == kMaxForeignBodyBytes) return fail(foreign_status(), false);
  return Verdict::kGoOn;
}

Verdict ResponseReader::on_reset(std::uint32_t http2_error, bool deadline_passed) {
  if (state_ == State::kDone) return Verdict::kDone;
  if (state_ == State::kForeign) return finish(foreign_status());
  const bool late = http2_error == kHttp2Cancel && deadline_passed;
  std::string text = "server reset the stream with " + std::string(http2_error_name(http2_error)) +
                     " (" + std::to_string(http2_error) + ")";
  if (late) text.append(" after the deadline");
  Status status =
      broken(late ? Code::kDeadlineExceeded : code_from_http2_error(http2_error), std::move(text));
  // RFC 9113, 8.7: a refused stream was not processed. After headers that is a contradiction.
  if (http2_error == kHttp2RefusedStream && !saw_headers_) {
    status = status.with_reached_server(false);
  }
  return finish(std::move(status));
}

Verdict ResponseReader::on_protocol_error(std::string_view what) {
  if (state_ == State::kDone) return Verdict::kDone;
  if (state_ == State::kForeign) return finish(foreign_status());
  return finish(broken(Code::kInternal, "server broke HTTP/2: " + std::string(what)));
}

Verdict ResponseReader::on_headers_too_large(std::size_t limit_bytes) {
  return refuse_headers("response header list is larger than max (" + std::to_string(limit_bytes) +
                        " bytes): see max_header_list_bytes");
}

Verdict ResponseReader::on_header_field_too_large(std::size_t limit_bytes) {
  return refuse_headers("a response header field is larger than max (" +
                        std::to_string(limit_bytes) + " bytes)");
}

Verdict ResponseReader::refuse_headers(std::string text) {
  if (state_ == State::kDone) return Verdict::kDone;
  saw_headers_ = true;
  return fail(above_limit(std::move(text)), false);
}

ResponseReader::Oddity& ResponseReader::oddity() {
  if (oddity_ == nullptr) oddity_ = std::make_unique<Oddity>();
  return *oddity_;
}

Verdict ResponseReader::finish(Status status) {
  state_ = State::kDone;
  if (!status.ok()) reader_.begin(0, false);  // gives back what had come of the message
  response_.status = std::move(status);
  return Verdict::kDone;
}

Verdict ResponseReader::fail(Status status, bool end_stream) {
  finish(std::move(status));
  return end_stream ? Verdict::kDone : Verdict::kReset;
}

Status ResponseReader::outcome_of(const ResponseBlock& block) {
  response_.pushback = block.pushback;
  if (!block.has_status) return broken(Code::kUnknown, "response has no grpc-status");
  const std::optional<Code> code = parse_grpc_status(block.status);
  if (!code || block.status_conflict) {
    return Status(Code::kUnknown, malformed_status(block), Origin::kTransport);
  }
  if (*code == Code::kOk) return outcome_ok();
  return with_details_of(block, Status(*code, percent_decode(block.message), Origin::kServer));
}

// The server says OK: true only if exactly one whole message came with it. Statuses by gRPC
// doc/statuscodes.md ("cardinality violation").
Status ResponseReader::outcome_ok() {
  if (!reader_.at_boundary()) {
    return Status(Code::kInternal, "response ends inside a message", Origin::kTransport);
  }
  if (reader_.message_count() != 1) {
    return Status(Code::kUnimplemented,
                  "server sent " + std::to_string(reader_.message_count()) +
                      " messages with status OK, a unary response has one",
                  Origin::kTransport);
  }
  if (oddity_ != nullptr && !oddity_->codec.empty()) {
    return Status(Code::kInternal,
                  "response is application/grpc+" + oddity_->codec + ", only protobuf can be read",
                  Origin::kTransport);
  }
  Result<std::string> message = reader_.take();
  if (!message) return message.error();
  response_.message = std::move(*message);
  response_.wire_bytes = reader_.message_bytes();
  return Status();
}

// A response that fell short of gRPC. If HTTP itself had already said no, that says more.
Status ResponseReader::broken(Code code, std::string text) const {
  if (http_status_ == 0 || http_status_ == 200) {
    return Status(code, std::move(text), Origin::kTransport);
  }
  return Status(code_from_http_status(http_status_),
                "HTTP status " + std::to_string(http_status_) + "; " + text, Origin::kTransport);
}

Status ResponseReader::bad_message(const Status& status) const {
  if (status.origin() == Origin::kLocal) return status;
  std::string text(status.message());
  if (oddity_ != nullptr && !oddity_->encoding.empty()) {
    text.append("; grpc-encoding is '").append(oddity_->encoding).append("'");
  }
  return broken(status.code(), std::move(text));
}

Status ResponseReader::foreign_status() const {
  std::string text = "not a gRPC response: HTTP status " + std::to_string(http_status_) + ", " +
                     oddity_->foreign_head + "; is this a gRPC server?";
  if (!oddity_->foreign_body.empty()) {
    text.append(" body: ").append(printable(oddity_->foreign_body, kMaxForeignBodyBytes));
  }
  return Status(code_from_http_status(http_status_), std::move(text), Origin::kTransport);
}

}  // namespace minim
