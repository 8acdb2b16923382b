// DATA of a response: the message reader and the response reader must come to the same end however
// the bytes are cut, and valid messages must come out as they went in.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "grpcframe/gzip.h"
#include "grpcframe/message_reader.h"
#include "grpcframe/response.h"

namespace {

constexpr std::size_t kLimit = 4096;

void require(bool truth) {
  if (!truth) std::abort();
}

// What the first byte of the input chooses.
struct Choice {
  bool gzip;
  bool end_on_data;
  bool error_status;
  bool reset;
  bool foreign;
};

struct End {
  minim::Verdict verdict = minim::Verdict::kGoOn;
  minim::Response response;
};

End play(Choice choice, std::string_view bytes, std::size_t chunk_bytes) {
  End end;
  minim::ResponseReader reader;
  reader.begin(kLimit, true);
  const auto note = [&end](minim::Verdict verdict) {
    if (end.verdict == minim::Verdict::kGoOn) {
      end.verdict = verdict;
    } else {
      require(verdict == minim::Verdict::kDone);
    }
  };
  const minim::HeaderField initial[] = {
      {":status", choice.foreign ? "502" : "200"},
      {"content-type", choice.foreign ? "text/html" : "application/grpc"},
      {"grpc-encoding", choice.gzip ? "gzip" : "identity"}};
  note(reader.on_headers(initial, false));
  do {
    const std::string_view chunk = bytes.substr(0, chunk_bytes);
    bytes.remove_prefix(chunk.size());
    note(reader.on_data(chunk, bytes.empty() && choice.end_on_data));
  } while (!bytes.empty());
  if (choice.reset) note(reader.on_reset(0, false));
  const minim::HeaderField trailers[] = {{"grpc-status", choice.error_status ? "5" : "0"}};
  note(reader.on_headers(trailers, true));
  require(reader.done());
  end.response = reader.take();
  return end;
}

void check_cuts(Choice choice, std::string_view bytes) {
  const End whole = play(choice, bytes, std::string_view::npos);
  require(whole.verdict != minim::Verdict::kGoOn);
  require(whole.response.message.size() <= kLimit);
  require(whole.response.status.ok() || whole.response.message.empty());
  require(static_cast<int>(whole.response.status.code()) <= 16);
  require(whole.response.status.message().size() <= 2048);
  for (const std::size_t chunk_bytes : {1, 2, 3, 7}) {
    const End cut = play(choice, bytes, chunk_bytes);
    require(cut.response.status == whole.response.status);
    require(cut.response.message == whole.response.message);
    // Only an error found together with the end of the stream leaves nothing to reset.
    require(cut.verdict == whole.verdict || choice.end_on_data);
  }
}

void check_valid(Choice choice, std::string_view message) {
  if (message.size() > kLimit) return;
  std::string body(message);
  if (choice.gzip) {
    if (!minim::gzip_available()) return;
    body = *minim::gzip_compress(message);
    if (body.size() > kLimit) return;
  }
  char prefix[minim::kMessagePrefixBytes];
  minim::write_message_prefix(choice.gzip, static_cast<std::uint32_t>(body.size()), prefix);
  body.insert(0, prefix, sizeof prefix);
  for (const std::size_t chunk_bytes : {std::size_t{1}, std::size_t{7}, body.size()}) {
    const End end = play({choice.gzip, false, false, false, false}, body, chunk_bytes);
    require(end.response.status.ok() && end.response.message == message);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::uint8_t bits = data[0];
  const Choice choice{(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0,
                      (bits & 16) != 0};
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  check_cuts(choice, bytes);
  check_valid(choice, bytes);
  return 0;
}
