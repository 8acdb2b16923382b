#include "h2/header_encoder.h"

namespace minim::h2 {

namespace {

// The part of RFC 7541, appendix A, that requests of ours use.
struct StaticField {
  std::size_t index;
  std::string_view name;
  std::string_view value;
};
constexpr StaticField kStaticFields[] = {
    {1, ":authority", ""},    {3, ":method", "POST"},  {4, ":path", "/"},
    {6, ":scheme", "http"},   {7, ":scheme", "https"}, {23, "authorization", ""},
    {31, "content-type", ""}, {32, "cookie", ""},      {49, "proxy-authorization", ""},
    {58, "user-agent", ""},
};
constexpr std::size_t kStaticCount = 61;

// The first byte of each form (RFC 7541, 6), and the bits that it leaves to the number.
struct Form {
  unsigned char pattern;
  unsigned bits;
};
constexpr Form kIndexed = {0x80, 7};
constexpr Form kInserted = {0x40, 6};
constexpr Form kLiteral = {0x00, 4};
constexpr Form kNeverIndexed = {0x10, 4};
constexpr Form kSizeUpdate = {0x20, 5};
constexpr Form kRawText = {0x00, 7};

void append_number(Form form, std::size_t value, std::string& out) {
  const std::size_t full = (std::size_t{1} << form.bits) - 1;
  if (value < full) {
    out.push_back(static_cast<char>(form.pattern | value));
    return;
  }
  out.push_back(static_cast<char>(form.pattern | full));
  for (value -= full; value >= 128; value >>= 7) out.push_back(static_cast<char>(value | 128));
  out.push_back(static_cast<char>(value));
}

void append_text(std::string_view text, std::string& out) {
  append_number(kRawText, text.size(), out);
  out.append(text);
}

}  // namespace

void HeaderEncoder::append(RequestHead& head, std::string_view varying, std::string& out) {
  if (head.version_ != version_) encode(head);
  if (head.varying_ == RequestHead::kNoVarying) {
    out.append(head.block_);
    return;
  }
  out.append(head.block_, 0, head.gap_);
  append_text(varying, out);
  out.append(head.block_, head.gap_);
}

void HeaderEncoder::encode(RequestHead& head) {
  const std::uint64_t before = version_;
  head.block_.clear();
  for (std::size_t i = 0; i < head.fields_.size(); ++i) {
    const HeaderField& field = head.fields_[i];
    if (i != head.varying_) {
      append_field(field, head.block_);
      continue;
    }
    append_number(kNeverIndexed, 0, head.block_);
    append_text(field.name, head.block_);
    head.gap_ = head.block_.size();
  }
  // A block that has filled the table is good for once: the next one refers to what is there now.
  head.version_ = before == version_ ? version_ : 0;
}

void HeaderEncoder::append_field(const HeaderField& field, std::string& out) {
  std::size_t name_index = 0;
  if (!field.never_index) {
    if (const std::size_t index = find(field, &name_index); index != 0) {
      return append_number(kIndexed, index, out);
    }
  } else {
    find({field.name, {}}, &name_index);
  }
  Form form = field.never_index ? kNeverIndexed : kLiteral;
  const std::size_t bytes = field.name.size() + field.value.size() + kFieldOverheadBytes;
  const bool keeps = !field.never_index && !field.once && table_bytes_ + bytes <= capacity_bytes_;
  if (keeps) form = kInserted;
  append_number(form, name_index, out);
  if (name_index == 0) append_text(field.name, out);
  append_text(field.value, out);
  if (!keeps) return;
  table_.push_back({std::string(field.name), std::string(field.value)});
  table_bytes_ += bytes;
  ++version_;
}

std::size_t HeaderEncoder::find(const HeaderField& field, std::size_t* name_index) const {
  for (const StaticField& one : kStaticFields) {
    if (one.name != field.name) continue;
    if (one.value == field.value && !one.value.empty()) return one.index;
    *name_index = one.index;
  }
  for (std::size_t i = table_.size(); i-- > 0;) {
    if (table_[i].name != field.name) continue;
    const std::size_t index = kStaticCount + table_.size() - i;
    if (table_[i].value == field.value) return index;
    if (*name_index == 0) *name_index = index;
  }
  return 0;
}

void HeaderEncoder::follow(std::string_view size_updates) {
  while (!size_updates.empty() && (size_updates.front() & 0xe0) == kSizeUpdate.pattern) {
    const std::size_t full = (std::size_t{1} << kSizeUpdate.bits) - 1;
    std::size_t bytes = static_cast<unsigned char>(size_updates.front()) & full;
    size_updates.remove_prefix(1);
    bool more = bytes == full;
    for (unsigned shift = 0; more && !size_updates.empty(); shift += 7) {
      const auto octet = static_cast<unsigned char>(size_updates.front());
      size_updates.remove_prefix(1);
      bytes += (octet & std::size_t{127}) << shift;
      more = octet >= 128;
    }
    capacity_bytes_ = bytes;
    shrink();
  }
}

void HeaderEncoder::shrink() {
  std::size_t gone = 0;
  while (table_bytes_ > capacity_bytes_) table_bytes_ -= table_[gone++].bytes();
  table_.erase(table_.begin(), table_.begin() + static_cast<std::ptrdiff_t>(gone));
  ++version_;
}

}  // namespace minim::h2
