// A host with a JSON library of its own, the one that minim uses inside, under other flags: each
// must keep its own functions. The host's throws; minim's, built without exceptions, reports.
#include <minim/converter.h>

#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace {

bool host_throws() {
  try {
    const auto parsed = nlohmann::json::parse("{\"a\": [1, 2");
    return parsed.empty();
  } catch (const nlohmann::json::parse_error&) {
    return true;
  }
}

bool host_dumps() { return nlohmann::json{{"a", {1, 2.5, "x"}}}.dump() == "{\"a\":[1,2.5,\"x\"]}"; }

bool minim_converts() {
  const std::map<std::string, int> sent{{"a", 1}};
  const auto payload = minim::to_payload(sent);
  if (!payload) return false;
  const auto back = minim::from_payload<std::map<std::string, int>>(*payload);
  return back && *back == sent;
}

bool minim_reports() {
  auto payload = minim::to_payload(1);
  if (!payload) return false;
  payload->data = "{\"a\": [1, 2";
  return !minim::from_payload<std::map<std::string, int>>(*payload);
}

}  // namespace

int main() {
  const bool all = host_throws() && minim_reports() && host_dumps() && minim_converts();
  std::puts(all ? "both libraries work side by side" : "one library has got the other's functions");
  return all ? 0 : 1;
}
