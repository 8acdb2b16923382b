// A response as the HTTP/2 layer reports it, step by step, played to a ResponseReader with its DATA
// cut in every way that tests care about.
#ifndef MINIM_TESTS_UNIT_GRPCFRAME_SCRIPT_H_
#define MINIM_TESTS_UNIT_GRPCFRAME_SCRIPT_H_

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "grpcframe/response.h"

namespace minim::test {

inline constexpr std::size_t kChunkSizes[] = {1, 2, 3, 7, std::string_view::npos};

inline std::string framed(std::string_view message, char flag = 0) {
  char prefix[kMessagePrefixBytes];
  write_message_prefix(false, static_cast<std::uint32_t>(message.size()), prefix);
  prefix[0] = flag;
  return std::string(prefix, sizeof prefix).append(message);
}

using Fields = std::vector<std::pair<std::string, std::string>>;

inline std::string listed(const Metadata& metadata) {
  std::string text;
  for (const Metadata::Entry& entry : metadata) text += entry.key + "=" + entry.value + ";";
  return text;
}

struct Outcome {
  Response response;
  Verdict verdict = Verdict::kGoOn;
  bool saw_headers = false;
};

class Script {
 public:
  Script& headers(Fields fields, bool end = false) {
    steps_.push_back({Step::kHeaders, std::move(fields), {}, 0, end});
    return *this;
  }
  // The initial block of a good response.
  Script& good(Fields more = {}) {
    Fields fields{{":status", "200"}, {"content-type", "application/grpc"}};
    fields.insert(fields.end(), more.begin(), more.end());
    return headers(std::move(fields));
  }
  Script& trailers(Fields fields) { return headers(std::move(fields), true); }
  Script& data(std::string bytes, bool end = false) {
    steps_.push_back({Step::kData, {}, std::move(bytes), 0, end});
    return *this;
  }
  Script& reset(std::uint32_t error, bool deadline_passed = false) {
    steps_.push_back({Step::kReset, {}, {}, error, deadline_passed});
    return *this;
  }
  Script& breach(std::string what) {
    steps_.push_back({Step::kBreach, {}, std::move(what), 0, false});
    return *this;
  }
  Script& headers_too_large(std::uint32_t limit) {
    steps_.push_back({Step::kTooLarge, {}, {}, limit, false});
    return *this;
  }
  Script& limit(std::size_t bytes) { return max_bytes_ = bytes, *this; }
  Script& accept_gzip() { return accept_gzip_ = true, *this; }

  // Plays all steps, whatever the verdicts: what comes after the outcome must not change it.
  Outcome play(std::size_t chunk_bytes) const {
    ResponseReader reader;
    // A reader that was used before must behave like a new one.
    reader.begin(3, true);
    const HeaderField used[] = {{":status", "502"}, {"server", "old"}};
    (void)reader.on_headers(used, false);
    (void)reader.on_data("old", false);
    reader.begin(max_bytes_, accept_gzip_);
    Outcome outcome;
    const auto note = [&](Verdict verdict) {
      if (outcome.verdict == Verdict::kGoOn) {
        outcome.verdict = verdict;
      } else {
        EXPECT_EQ(verdict, Verdict::kDone);
      }
      EXPECT_EQ(reader.done(), outcome.verdict != Verdict::kGoOn);
    };
    for (const Step& step : steps_) {
      switch (step.kind) {
        case Step::kHeaders: {
          std::vector<HeaderField> views;
          for (const auto& [name, value] : step.fields) views.push_back({name, value});
          note(reader.on_headers(views, step.flag));
          break;
        }
        case Step::kData:
          play_data(step, chunk_bytes, reader, note);
          break;
        case Step::kReset:
          note(reader.on_reset(step.number, step.flag));
          break;
        case Step::kBreach:
          note(reader.on_protocol_error(step.bytes));
          break;
        case Step::kTooLarge:
          note(reader.on_headers_too_large(step.number));
          break;
      }
    }
    outcome.saw_headers = reader.saw_headers();
    outcome.response = reader.take();
    return outcome;
  }

  // Plays it in all chunk sizes, which must agree, and returns the outcome.
  Outcome play_all() const {
    Outcome whole = play(std::string_view::npos);
    for (const std::size_t chunk : kChunkSizes) {
      SCOPED_TRACE("chunk size " + std::to_string(chunk));
      const Outcome cut = play(chunk);
      EXPECT_EQ(cut.verdict, whole.verdict);
      EXPECT_EQ(cut.response.status.to_string(), whole.response.status.to_string());
      EXPECT_EQ(cut.response.message, whole.response.message);
      EXPECT_EQ(listed(cut.response.headers), listed(whole.response.headers));
      EXPECT_EQ(listed(cut.response.trailers), listed(whole.response.trailers));
    }
    return whole;
  }

 private:
  struct Step {
    enum Kind { kHeaders, kData, kReset, kBreach, kTooLarge } kind;
    Fields fields;
    std::string bytes;
    std::uint32_t number;
    bool flag;  // end of stream, or deadline passed
  };

  template <class Note>
  static void play_data(const Step& step, std::size_t chunk_bytes, ResponseReader& reader,
                        const Note& note) {
    std::string_view rest = step.bytes;
    do {
      const std::string_view chunk = rest.substr(0, chunk_bytes);
      rest.remove_prefix(chunk.size());
      note(reader.on_data(chunk, step.flag && rest.empty()));
    } while (!rest.empty());
  }

  std::vector<Step> steps_;
  std::size_t max_bytes_ = 1 << 20;
  bool accept_gzip_ = false;
};

}  // namespace minim::test

#endif  // MINIM_TESTS_UNIT_GRPCFRAME_SCRIPT_H_
