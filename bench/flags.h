// Command lines of the bench programs: "--name value" pairs; a name may occur several times.
#ifndef MINIM_BENCH_FLAGS_H_
#define MINIM_BENCH_FLAGS_H_

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

class Flags {
 public:
  Flags(int count, char** words) {
    for (int i = 1; i < count; i += 2) {
      const std::string_view name = words[i];
      if (!name.starts_with("--") || i + 1 == count) {
        std::fprintf(stderr, "%s: '%s' is not a flag with a value\n", words[0], words[i]);
        std::exit(2);
      }
      pairs_.emplace_back(name.substr(2), words[i + 1]);
    }
  }

  std::vector<std::string> all(std::string_view name) const {
    std::vector<std::string> values;
    for (const auto& [key, value] : pairs_) {
      if (key == name) values.push_back(value);
    }
    return values;
  }
  std::string text(std::string_view name, std::string fallback = {}) const {
    const std::vector<std::string> values = all(name);
    return values.empty() ? std::move(fallback) : values.back();
  }
  std::size_t number(std::string_view name, std::size_t fallback) const {
    const std::string value = text(name);
    return value.empty() ? fallback : std::strtoul(value.c_str(), nullptr, 10);
  }
  // "--header key:value" as pairs.
  std::vector<std::pair<std::string, std::string>> headers() const {
    std::vector<std::pair<std::string, std::string>> fields;
    for (const std::string& header : all("header")) {
      const std::size_t colon = header.find(':');
      if (colon == std::string::npos) {
        std::fprintf(stderr, "--header '%s' has no colon\n", header.c_str());
        std::exit(2);
      }
      fields.emplace_back(header.substr(0, colon), header.substr(colon + 1));
    }
    return fields;
  }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

// The contents of a file; ends the program if there is none.
inline std::string read_file(const std::string& path) {
  std::FILE* const file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) {
    std::perror(path.c_str());
    std::exit(2);
  }
  std::string contents;
  char block[4096];
  for (std::size_t count; (count = std::fread(block, 1, sizeof block, file)) > 0;) {
    contents.append(block, count);
  }
  std::fclose(file);
  return contents;
}

}  // namespace bench

#endif  // MINIM_BENCH_FLAGS_H_
