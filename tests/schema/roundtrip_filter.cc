// Converts lines, for roundtrip.py: "json TYPE HEX" to a JSON text, "wire TYPE JSON" to hex. One
// line out for each in: "ok ..." or "error ...". JSON is one line on both sides; a literal line
// break in it is written as the byte 0x1E.
#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>

#include "protojson/protojson.h"

namespace {

using namespace minim;

std::string from_hex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1])));
  }
  return bytes;
}

std::string to_hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    hex.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
    hex.push_back(kDigits[static_cast<unsigned char>(c) & 15]);
  }
  return hex;
}

std::string one_line(std::string text) {
  for (char& c : text) {
    if (c == '\n') c = '\x1E';
  }
  return text;
}

std::string convert(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t second = line.find(' ', first + 1);
  const std::string_view verb = line.substr(0, first);
  const auto type = protojson::find_message(line.substr(first + 1, second - first - 1));
  if (!type) return "error unknown type";
  const std::string_view rest = line.substr(second + 1);
  const bool brief = verb.ends_with("-short");
  if (verb.starts_with("json")) {
    const auto text = protojson::to_json(
        *type, from_hex(rest),
        {.indent = 2, .doubles = json::DoubleStyle::kPoint, .shorthand_payloads = brief});
    return text ? "ok " + one_line(*text) : "error " + std::string(text.error().message());
  }
  const auto bytes = protojson::from_json(*type, rest, {.shorthand_payloads = brief});
  return bytes ? "ok " + to_hex(*bytes) : "error " + std::string(bytes.error().message());
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) std::cout << convert(line) << '\n';
  return 0;
}
