#include "cli/output.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "cli/times.h"
#include "cli/values.h"
#include "json/utf8.h"
#include "json/writer.h"

namespace minim::cli {

namespace {

// Whatever a terminal cannot do much with in one write: an error line must not be torn apart.
bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

std::string_view escape_of(Colour colour) {
  switch (colour) {
    case Colour::kPlain:
      return "";
    case Colour::kRed:
      return "\x1b[31m";
    case Colour::kGreen:
      return "\x1b[32m";
    case Colour::kYellow:
      return "\x1b[33m";
    case Colour::kBlue:
      return "\x1b[34m";
    case Colour::kMagenta:
      return "\x1b[35m";
  }
  return "";
}

// Columns that a text takes, one for each character: near enough without width tables.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

void pad(std::string& line, std::string_view text, std::size_t width) {
  const std::size_t used = width_of(text);
  if (used < width) line.append(width - used, ' ');
}

std::atomic<bool> complained = false;

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const json::CodePoint point = json::decode_utf8(text, i);
    const bool kept =
        point.valid && (point.value == '\t' || point.value == '\n' ||
                        (point.value >= 0x20 && point.value < 0x7f) || point.value >= 0xa0);
    if (kept) {
      out.append(text.substr(i, point.length));
    } else {
      out += point.valid ? ' ' : '?';
    }
    i += point.length;
  }
  return out;
}

void complain(std::string_view text) {
  if (complained.exchange(true)) return;
  write_all(STDERR_FILENO, "Error: " + one_line(printable(text)) + "\n");
}

void warn(std::string_view text) {
  write_all(STDERR_FILENO, "Warning: " + one_line(printable(text)) + "\n");
}

void Output::write(std::string_view bytes) {
  if (write_all(STDOUT_FILENO, bytes)) return;
  if (errno == EPIPE) ::_exit(0);
  complain(std::string("cannot write to standard output: ") + std::strerror(errno));
  ::_exit(1);
}

void Output::line(std::string_view text) {
  if (is_text()) write(printable(text) + "\n");
}

void Output::card(std::string_view title, const Card& rows) {
  if (!is_text()) return;
  std::string text;
  if (!title.empty()) text += printable(title) + "\n";
  std::size_t width = 0;
  for (const auto& [name, value] : rows) width = std::max(width, name.size());
  for (const auto& [name, value] : rows) {
    text += "  " + name;
    if (!value.empty() && !value.starts_with('\n')) text.append(width - name.size() + 2, ' ');
    text += printable(value) + "\n";
  }
  write(text);
}

std::string Output::coloured(const Cell& cell) const {
  const std::string text = one_line(printable(cell.text));
  if (!options_.colours || cell.colour == Colour::kPlain) return text;
  return std::string(escape_of(cell.colour)) + text + "\x1b[0m";
}

void Output::table(const Row* header, const std::vector<Row>& rows,
                   std::vector<std::size_t>* widths) {
  if (!is_text()) return;
  const auto widen = [widths](const Row& row) {
    widths->resize(std::max(widths->size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      (*widths)[i] = std::max((*widths)[i], width_of(one_line(printable(row[i].text))));
    }
  };
  if (header != nullptr) widen(*header);
  for (const Row& row : rows) widen(row);
  std::string text;
  const auto add = [this, &text, widths](const Row& row) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += "  " + coloured(row[i]);
      if (i + 1 < row.size()) pad(text, one_line(printable(row[i].text)), (*widths)[i]);
    }
    text += '\n';
  };
  if (header != nullptr) add(*header);
  for (const Row& row : rows) add(row);
  write(text);
}

std::string Output::time(std::string_view rfc3339) const {
  switch (options_.times) {
    case TimeForm::kRelative:
      return relative_time(rfc3339);
    case TimeForm::kIso:
      return iso_time(rfc3339);
    case TimeForm::kRaw:
      return raw_time(rfc3339);
  }
  return std::string(rfc3339);
}

void Output::json(const json::Value& value) {
  if (is_json()) json_document(value);
}

void Output::json_document(const json::Value& value) {
  if (is_none()) return;
  const int indent = options_.form == OutputForm::kJsonLines ? 0 : 2;
  write(json::write(value, {.indent = indent}) + "\n");
}

void Output::begin_list() {
  list_has_items_ = false;
  list_is_open_ = true;
  if (options_.form == OutputForm::kJson) write("[\n");
}

void Output::item(const json::Value& value) {
  if (options_.form == OutputForm::kJson) {
    write((list_has_items_ ? ",\n" : "") + json::write(value, {.indent = 2}));
  } else {
    json(value);
  }
  list_has_items_ = true;
}

void Output::end_list() {
  if (!std::exchange(list_is_open_, false)) return;
  if (options_.form == OutputForm::kJson) write(list_has_items_ ? "\n]\n" : "]\n");
}

void Output::bytes(std::string_view bytes) {
  if (!is_none()) write(bytes);
}

}  // namespace minim::cli
