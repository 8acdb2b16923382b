#include "cli/progress.h"

#include <algorithm>
#include <utility>

#include "cli/times.h"

namespace minim::cli {

namespace {

// "a.b[0].c: value" for each leaf.
void flatten(const json::Value& value, const std::string& path, std::vector<std::string>& lines) {
  const auto below = [&path](const std::string& name) {
    return path.empty() ? name : path + "." + name;
  };
  if (const json::Object* const object = value.as_object(); object != nullptr && !object->empty()) {
    for (const auto& [name, inner] : *object) flatten(inner, below(name), lines);
  } else if (const json::Array* const list = value.as_array(); list != nullptr && !list->empty()) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      flatten((*list)[i], path + "[" + std::to_string(i) + "]", lines);
    }
  } else {
    const std::string* const text = value.as_string();
    lines.push_back("  " + path + ": " + (text != nullptr ? *text : value_text(value)));
  }
}

}  // namespace

void Progress::show(const json::Array& events) {
  if (options_.detailed) {
    for (const json::Value& event : events) {
      session_.out.line("[" + text_member(event, "eventId") + "] " + event_type_name(event));
      std::vector<std::string> lines;
      flatten(event, "", lines);
      std::sort(lines.begin(), lines.end());
      for (const std::string& line : lines) session_.out.line(line);
      session_.out.line("");
    }
    return;
  }
  if (!has_header_) session_.out.line("Progress:");
  const Row header = {{"ID"}, {"Time"}, {"Type"}};
  std::vector<Row> rows;
  for (const json::Value& event : events) {
    const std::string type = event_type_name(event);
    rows.push_back({{text_member(event, "eventId")},
                    {iso_time(text_member(event, "eventTime"))},
                    {type, colour_of(type)}});
  }
  session_.out.table(std::exchange(has_header_, true) ? nullptr : &header, rows, &widths_);
}

Result<std::optional<Outcome>> Progress::run(std::string run_id) {
  while (true) {
    HistoryReader reader(session_, workflow_id_, run_id,
                         {.wait = options_.follow, .reverse = options_.reverse});
    std::optional<Outcome> outcome;
    while (true) {
      const Result<std::optional<Reply>> page = reader.next();
      if (!page) return page.error();
      if (!*page) break;
      const Result<json::Array> events = events_of(**page, session_.out.is_text());
      if (!events) return events.error();
      if (session_.out.is_text()) {
        show(*events);
      } else {
        kept_.insert(kept_.end(), events->begin(), events->end());
      }
      Result<std::optional<Outcome>> found = outcome_of(**page, options_.reverse);
      if (!found) return found.error();
      if (*found && !outcome) outcome = std::move(**found);
    }
    if (!options_.follow || !outcome || outcome->next_run_id.empty()) return outcome;
    run_id = outcome->next_run_id;
  }
}

json::Value Progress::history() const {
  json::Object history;
  history.set("events", json::Value::array(kept_));
  return json::Value::object(std::move(history));
}

}  // namespace minim::cli
