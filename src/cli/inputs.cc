#include "cli/inputs.h"

#include <string>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "cli/values.h"

namespace minim::cli {

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Status wrong(std::string text) { return Status(Code::kInvalidArgument, std::move(text)); }

// One list of values for each key, in the order of the keys' first use.
struct MetaColumn {
  std::string key;
  std::vector<std::string> values;
};

Result<std::vector<MetaColumn>> read_meta(const Flags& flags, const std::string& name,
                                          std::size_t input_count) {
  std::vector<MetaColumn> columns;
  for (const std::string& text : flags.all(name)) {
    auto pair = split_pair(name, text);
    if (!pair) return pair.error();
    MetaColumn* found = nullptr;
    for (MetaColumn& column : columns) {
      if (column.key == pair->first) found = &column;
    }
    if (found == nullptr) found = &columns.emplace_back(MetaColumn{pair->first, {}});
    found->values.push_back(std::move(pair->second));
    if (found->values.size() > input_count) {
      return wrong("--" + name + " " + found->key + ": more values than the " +
                   std::to_string(input_count) + " inputs");
    }
  }
  return columns;
}

// The value of a key belongs to the input of the same position; inputs beyond take the first one.
Pairs metadata_of(const std::vector<MetaColumn>& columns, std::size_t index) {
  Pairs metadata = {{"encoding", "json/plain"}};
  for (const MetaColumn& column : columns) {
    const std::string& value = column.values[index < column.values.size() ? index : 0];
    if (column.key == "encoding") {
      metadata.front().second = value;
    } else {
      metadata.emplace_back(column.key, value);
    }
  }
  return metadata;
}

}  // namespace

Result<json::Value> read_inputs(const Flags& flags, std::string_view prefix) {
  const std::string name = std::string(prefix) + "input";
  std::vector<std::string> inputs = flags.all(name);
  const std::vector<std::string> files = flags.all(name + "-file");
  if (!inputs.empty() && !files.empty()) {
    return wrong("--" + name + " and --" + name + "-file cannot be mixed");
  }
  for (const std::string& file : files) {
    Result<std::string> read = read_file(file);
    if (!read) return wrong("--" + name + "-file: " + std::string(read.error().message()));
    inputs.push_back(std::move(*read));
  }
  const auto columns = read_meta(flags, name + "-meta", inputs.size());
  if (!columns) return columns.error();
  if (inputs.empty()) return json::Value();
  json::Array payloads;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::string place = "--" + name + " #" + std::to_string(i + 1);
    if (flags.on(name + "-base64")) {
      auto bytes = base64_decode(inputs[i]);
      if (!bytes) return wrong(place + " is not valid base64");
      inputs[i] = std::move(*bytes);
    }
    const Pairs metadata = metadata_of(*columns, i);
    if (metadata.front().second.starts_with("json/")) {
      if (const auto value = json::parse(inputs[i]); !value) {
        return wrong(place + " is not valid JSON: " + std::string(value.error().message()) +
                     "; a string needs its own quotes: '\"text\"'");
      }
    }
    payloads.push_back(payload_json(metadata, inputs[i]));
  }
  json::Object list;
  list.set("payloads", json::Value::array(std::move(payloads)));
  return json::Value::object(std::move(list));
}

}  // namespace minim::cli
