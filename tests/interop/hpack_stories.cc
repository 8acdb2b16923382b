// Header blocks that other HPACK encoders made, read by minim's HTTP/2 session as responses.
//
//   interop_hpack FOLDER    FOLDER/ENCODER/story_NN.json, as http2jp/hpack-test-case lays them out
//
// Says "passed ENCODER/STORY" or "FAILED ENCODER/STORY: why" for each story: one connection with
// one header table, block after block.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "h2/session.h"
#include "json/value.h"

namespace {

using minim::h2::CloseCause;
using minim::h2::Event;
using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr minim::Time kNow = minim::Time(std::chrono::hours(1));
constexpr std::size_t kMaxFrameBytes = 16'384;
constexpr std::uint64_t kTableBytes = 4096;  // what the session lets a peer use

std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                  std::string_view payload) {
  const auto octet = [](std::size_t value) { return static_cast<char>(value & 0xff); };
  std::string bytes = {octet(payload.size() >> 16),
                       octet(payload.size() >> 8),
                       octet(payload.size()),
                       octet(type),
                       octet(flags),
                       octet(stream >> 24),
                       octet(stream >> 16),
                       octet(stream >> 8),
                       octet(stream)};
  return bytes.append(payload);
}

// HEADERS and as many CONTINUATION as it takes.
std::string header_frames(std::uint32_t stream, std::string_view block) {
  constexpr std::uint8_t kHeaders = 1, kContinuation = 9, kEndHeaders = 4;
  std::string bytes;
  std::uint8_t type = kHeaders;
  do {
    const std::string_view piece = block.substr(0, kMaxFrameBytes);
    block.remove_prefix(piece.size());
    bytes +=
        frame(std::exchange(type, kContinuation), block.empty() ? kEndHeaders : 0, stream, piece);
  } while (!block.empty());
  return bytes;
}

// Whether HTTP/2 lets a response have these fields (RFC 9113, 8.2.2 and 8.3.2). The stories come
// from HTTP/1 and are of both directions: their blocks must be read, and then refused, alone.
bool is_response(const Fields& fields) {
  static constexpr std::string_view kOfTheConnection[] = {
      "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"};
  if (fields.empty() || fields.front().first != ":status") return false;
  return std::none_of(fields.begin() + 1, fields.end(), [](const auto& field) {
    return field.first.starts_with(':') || std::ranges::count(kOfTheConnection, field.first) != 0;
  });
}

class Connection {
 public:
  Connection() : session_({}, kNow) { session_.receive(kNow, frame(4, 0, 0, "")); }

  // Sends a block as the answer to a request. What is wrong with what came of it, if anything.
  std::string read(const std::string& block, const Fields& wanted) {
    drain();
    const auto slot = session_.start(this, head_, "", "", "x");
    drain();
    session_.receive(kNow, header_frames(stream_, block));
    stream_ += 2;
    std::optional<Fields> got;
    bool refused = false;
    while (const Event* const next = session_.next_event()) {
      const Event& event = *next;
      switch (event.kind) {
        case Event::Kind::kHeaders:
          got.emplace();
          for (const minim::HeaderField& field : event.headers) {
            got->emplace_back(field.name, field.value);
          }
          break;
        case Event::Kind::kStreamClosed:
          refused = event.cause == CloseCause::kViolation;
          break;
        case Event::Kind::kClosed:
          return "the connection ended: " + std::string(event.text);
        case Event::Kind::kSettings:
        case Event::Kind::kData:
        case Event::Kind::kPong:
        case Event::Kind::kGoaway:
          break;
      }
    }
    if (!refused) session_.cancel(slot, minim::h2::kCancel);
    if (refused == is_response(wanted)) {
      return refused ? "a good block was refused" : "a block that no response has was taken";
    }
    if (!refused && got != wanted) return "the fields differ";
    return {};
  }

 private:
  void drain() {
    while (!session_.output().empty()) session_.consume_output(session_.output().size());
    while (session_.next_event() != nullptr) {
    }
  }

  minim::h2::RequestHead head_{
      {{":method", "POST"}, {":scheme", "http"}, {":path", "/"}, {":authority", "s"}}};
  minim::h2::Session session_;
  std::uint32_t stream_ = 1;
};

std::string unhex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

// A block with its fields. Nothing if the JSON is none.
std::optional<std::pair<std::string, Fields>> read_case(const minim::json::Value& value) {
  const auto* const object = value.as_object();
  const auto* const wire = object == nullptr ? nullptr : object->find("wire");
  const auto* const headers = object == nullptr ? nullptr : object->find("headers");
  if (wire == nullptr || wire->as_string() == nullptr || headers == nullptr ||
      headers->as_array() == nullptr) {
    return std::nullopt;
  }
  Fields fields;
  for (const minim::json::Value& field : *headers->as_array()) {
    const auto* const pair = field.as_object();
    if (pair == nullptr || pair->size() != 1) return std::nullopt;
    const auto& [name, text] = *pair->begin();
    if (text.as_string() == nullptr) return std::nullopt;
    fields.emplace_back(name, *text.as_string());
  }
  return std::pair(unhex(*wire->as_string()), std::move(fields));
}

// An encoder that was allowed a larger table has used it, and may not use it here.
bool needs_larger_table(const minim::json::Value& value) {
  const auto* const object = value.as_object();
  const auto* const size = object == nullptr ? nullptr : object->find("header_table_size");
  return size != nullptr && size->as_uint64() && size->as_uint64()->value > kTableBytes;
}

std::string play(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  const auto story = minim::json::parse(text);
  if (!story) return story.error().to_string();
  const auto* const object = story->as_object();
  const auto* const cases = object == nullptr ? nullptr : object->find("cases");
  if (cases == nullptr || cases->as_array() == nullptr || cases->as_array()->empty()) {
    return "no cases";
  }
  Connection connection;
  std::size_t number = 0;
  for (const minim::json::Value& each : *cases->as_array()) {
    const std::string place = "block " + std::to_string(number++) + ": ";
    if (needs_larger_table(each)) return place + "needs a larger table";
    const auto block = read_case(each);
    if (!block) return place + "not in the form of hpack-test-case";
    const std::string complaint = connection.read(block->first, block->second);
    if (!complaint.empty()) return place + complaint;
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: interop_hpack FOLDER\n");
    return 2;
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[1])) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  bool all_passed = true;
  for (const auto& file : files) {
    const std::string name = file.parent_path().filename().string() + "/" + file.stem().string();
    const std::string complaint = play(file);
    std::printf("%s %s%s%s\n", complaint.empty() ? "passed" : "FAILED", name.c_str(),
                complaint.empty() ? "" : ": ", complaint.c_str());
    all_passed = all_passed && complaint.empty();
  }
  return all_passed ? 0 : 1;
}
