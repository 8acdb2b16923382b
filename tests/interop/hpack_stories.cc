// Header blocks that other HPACK encoders made, read by minim's HTTP/2 session as responses.
//
//   interop_hpack FOLDER    FOLDER/ENCODER/story_NN.json, as http2jp/hpack-test-case lays them out
//
// Says "passed ENCODER/STORY" or "FAILED ENCODER/STORY: why" for each story: one connection with
// one header table, block after block. The last line says how many blocks and fields were compared.
//
// Most blocks are requests, or have fields that HTTP/2 forbids: the session must read and refuse
// them, and does not show their fields. What they leave in its header table is seen all the same:
// after each block a response names the entries of the table, one by one, and must be read as what
// they are by a plain inflater of nghttp2's, whose own fields are held against the story.
#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
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
using Field = std::pair<std::string, std::string>;
using Fields = std::vector<Field>;

constexpr minim::Time kNow = minim::Time(std::chrono::hours(1));
constexpr std::size_t kMaxFrameBytes = 16'384;
constexpr std::uint64_t kTableBytes = 4096;  // what the session lets a peer use
constexpr std::size_t kStaticEntries = 61;   // RFC 7541, appendix A

struct Counts {
  long taken = 0;    // blocks that the session gave out
  long refused = 0;  // ... and that it refused
  long entries = 0;  // of its table, after each block
  long hidden = 0;   // ... those that no response may have
};

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

// Whether HTTP/2 lets a response have this field (RFC 9113, 8.2 and 8.3.2). The stories come from
// HTTP/1 and are of both directions.
bool is_allowed(const Field& field) {
  static constexpr std::string_view kOfTheConnection[] = {
      "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"};
  const auto& [name, value] = field;
  return !name.starts_with(':') && std::ranges::count(kOfTheConnection, name) == 0 &&
         !value.starts_with(' ') && !value.ends_with(' ');
}

bool is_response(const Fields& fields) {
  return !fields.empty() && fields.front().first == ":status" &&
         std::all_of(fields.begin() + 1, fields.end(), is_allowed);
}

// What a block and its table are by nghttp2's inflater alone.
class Reference {
 public:
  Reference() {
    if (nghttp2_hd_inflate_new(&inflater_) != 0) std::abort();
  }
  Reference(const Reference&) = delete;
  Reference& operator=(const Reference&) = delete;
  ~Reference() { nghttp2_hd_inflate_del(inflater_); }

  // Nothing: it is no header block.
  std::optional<Fields> read(std::string block) {
    Fields fields;
    auto* at = reinterpret_cast<std::uint8_t*>(block.data());
    std::size_t left = block.size();
    for (int flags = 0; (flags & NGHTTP2_HD_INFLATE_FINAL) == 0;) {
      nghttp2_nv field;
      const ssize_t count = nghttp2_hd_inflate_hd2(inflater_, &field, &flags, at, left, 1);
      if (count < 0) return std::nullopt;
      at += count;
      left -= static_cast<std::size_t>(count);
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) fields.push_back(pair_of(field));
    }
    nghttp2_hd_inflate_end_headers(inflater_);
    return fields;
  }
  // The dynamic table, newest first.
  Fields table() const {
    Fields entries;
    for (std::size_t i = kStaticEntries + 1;; ++i) {
      const nghttp2_nv* const entry = nghttp2_hd_inflate_get_table_entry(inflater_, i);
      if (entry == nullptr) return entries;
      entries.push_back(pair_of(*entry));
    }
  }

 private:
  static Field pair_of(const nghttp2_nv& field) {
    return {std::string(reinterpret_cast<const char*>(field.name), field.namelen),
            std::string(reinterpret_cast<const char*>(field.value), field.valuelen)};
  }

  nghttp2_hd_inflater* inflater_ = nullptr;
};

// "Indexed header field" (RFC 7541, 6.1): leaves the table as it is.
std::string indexed(std::size_t index) {
  constexpr std::size_t kPrefix = 0x7f;
  if (index < kPrefix) return {static_cast<char>(0x80 | index)};
  std::string bytes = "\xff";
  for (index -= kPrefix; index >= 0x80; index >>= 7) {
    bytes += static_cast<char>(0x80 | (index & 0x7f));
  }
  return bytes += static_cast<char>(index);
}

class Connection {
 public:
  explicit Connection(Counts& counts) : counts_(counts), session_({}, kNow) {
    session_.receive(kNow, frame(4, 0, 0, ""));
  }

  // Sends a block as the answer to a request. What is wrong with what came of it, if anything.
  std::string read(const std::string& block, const Fields& wanted) {
    if (reference_.read(block) != wanted) return "nghttp2 reads other fields than the story says";
    const Answer answer = answer_with(block);
    if (!answer.ended.empty()) return answer.ended;
    if (answer.refused == is_response(wanted)) {
      return answer.refused ? "a good block was refused" : "a block that no response has was taken";
    }
    if (!answer.refused && answer.fields != wanted) return "the fields differ";
    ++(answer.refused ? counts_.refused : counts_.taken);
    return compare_tables();
  }

 private:
  struct Answer {
    std::optional<Fields> fields;
    bool refused = false;
    std::string ended;  // why the connection has
  };

  Answer answer_with(const std::string& block) {
    drain();
    const auto slot = session_.start(this, head_, "", "", "x");
    drain();
    session_.receive(kNow, header_frames(stream_, block));
    stream_ += 2;
    Answer answer;
    while (const Event* const next = session_.next_event()) {
      const Event& event = *next;
      switch (event.kind) {
        case Event::Kind::kHeaders:
          answer.fields.emplace();
          for (const minim::HeaderField& field : event.headers) {
            answer.fields->emplace_back(field.name, field.value);
          }
          break;
        case Event::Kind::kStreamClosed:
          answer.refused = event.cause == CloseCause::kViolation;
          break;
        case Event::Kind::kClosed:
          answer.ended = "the connection ended: " + std::string(event.text);
          return answer;
        case Event::Kind::kSettings:
        case Event::Kind::kData:
        case Event::Kind::kPong:
        case Event::Kind::kGoaway:
          break;
      }
    }
    if (!answer.refused) session_.cancel(slot, minim::h2::kCancel);
    return answer;
  }

  std::string compare_tables() {
    Fields wanted = {{":status", "200"}};
    std::string block = indexed(8);
    std::size_t index = kStaticEntries;
    bool has_length = false;
    for (auto& entry : reference_.table()) {
      ++index;
      // One response has but one length.
      const bool is_length = entry.first == "content-length";
      if (!is_allowed(entry) || (is_length && std::exchange(has_length, true))) {
        ++counts_.hidden;
        continue;
      }
      block += indexed(index);
      wanted.push_back(std::move(entry));
    }
    counts_.entries += static_cast<long>(wanted.size() - 1);
    const Answer answer = answer_with(block);
    if (!answer.ended.empty()) return answer.ended;
    return answer.fields == wanted ? "" : "what it left in the table differs";
  }

  void drain() {
    while (!session_.output().empty()) session_.consume_output(session_.output().size());
    while (session_.next_event() != nullptr) {
    }
  }

  Counts& counts_;
  Reference reference_;
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

std::string play(const std::filesystem::path& file, Counts& counts) {
  std::ifstream stream(file, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  const auto story = minim::json::parse(text);
  if (!story) return story.error().to_string();
  const auto* const object = story->as_object();
  const auto* const cases = object == nullptr ? nullptr : object->find("cases");
  if (cases == nullptr || cases->as_array() == nullptr || cases->as_array()->empty()) {
    return "no cases";
  }
  Connection connection(counts);
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
  Counts counts;
  for (const auto& file : files) {
    const std::string name = file.parent_path().filename().string() + "/" + file.stem().string();
    const std::string complaint = play(file, counts);
    std::printf("%s %s%s%s\n", complaint.empty() ? "passed" : "FAILED", name.c_str(),
                complaint.empty() ? "" : ": ", complaint.c_str());
    all_passed = all_passed && complaint.empty();
  }
  std::printf("blocks: %ld taken, %ld refused; %ld entries of the table, %ld hidden\n",
              counts.taken, counts.refused, counts.entries, counts.hidden);
  return all_passed ? 0 : 1;
}
