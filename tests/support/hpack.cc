#include "support/hpack.h"

#include <array>
#include <cstdint>

namespace minim::test {

namespace {

struct StaticField {
  std::string_view name;
  std::string_view value;
};

// RFC 7541, appendix A; the first one has index 1.
constexpr StaticField kStaticTable[] = {
    {":authority", ""},
    {":method", "GET"},
    {":method", "POST"},
    {":path", "/"},
    {":path", "/index.html"},
    {":scheme", "http"},
    {":scheme", "https"},
    {":status", "200"},
    {":status", "204"},
    {":status", "206"},
    {":status", "304"},
    {":status", "400"},
    {":status", "404"},
    {":status", "500"},
    {"accept-charset", ""},
    {"accept-encoding", "gzip, deflate"},
    {"accept-language", ""},
    {"accept-ranges", ""},
    {"accept", ""},
    {"access-control-allow-origin", ""},
    {"age", ""},
    {"allow", ""},
    {"authorization", ""},
    {"cache-control", ""},
    {"content-disposition", ""},
    {"content-encoding", ""},
    {"content-language", ""},
    {"content-length", ""},
    {"content-location", ""},
    {"content-range", ""},
    {"content-type", ""},
    {"cookie", ""},
    {"date", ""},
    {"etag", ""},
    {"expect", ""},
    {"expires", ""},
    {"from", ""},
    {"host", ""},
    {"if-match", ""},
    {"if-modified-since", ""},
    {"if-none-match", ""},
    {"if-range", ""},
    {"if-unmodified-since", ""},
    {"last-modified", ""},
    {"link", ""},
    {"location", ""},
    {"max-forwards", ""},
    {"proxy-authenticate", ""},
    {"proxy-authorization", ""},
    {"range", ""},
    {"referer", ""},
    {"refresh", ""},
    {"retry-after", ""},
    {"server", ""},
    {"set-cookie", ""},
    {"strict-transport-security", ""},
    {"transfer-encoding", ""},
    {"user-agent", ""},
    {"vary", ""},
    {"via", ""},
    {"www-authenticate", ""},
};
constexpr std::size_t kStaticCount = std::size(kStaticTable);
static_assert(kStaticCount == 61);

constexpr unsigned kEndOfString = 256;

// The code lengths of RFC 7541, appendix B, by symbol. The code is canonical, so that lengths alone
// give the codes: shorter ones first, equal lengths in the order of their symbols.
constexpr std::uint8_t kCodeLengths[] = {
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28,
    28, 28, 28, 28, 28, 28, 28, 28, 6,  10, 10, 12, 13, 6,  8,  11, 10, 10, 8,  11, 8,  6,  6,  6,
    5,  5,  5,  6,  6,  6,  6,  6,  6,  6,  7,  8,  15, 6,  12, 10, 13, 6,  7,  7,  7,  7,  7,  7,
    7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  8,  7,  8,  13, 19, 13, 14, 6,
    15, 5,  6,  5,  6,  5,  6,  6,  6,  5,  7,  7,  6,  6,  6,  5,  6,  7,  6,  5,  5,  6,  7,  7,
    7,  7,  7,  15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
    24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21,
    23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24,
    21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
    26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
};
static_assert(std::size(kCodeLengths) == kEndOfString + 1);
constexpr unsigned kMaxCodeBits = 30;

struct HuffmanTable {
  // Of each code length: its first code, and where its symbols begin in `symbols`.
  std::array<std::uint32_t, kMaxCodeBits + 2> first_code{};
  std::array<std::uint32_t, kMaxCodeBits + 2> first_symbol{};
  std::array<std::uint16_t, kEndOfString + 1> symbols{};
};

constexpr HuffmanTable make_huffman_table() {
  HuffmanTable table;
  std::uint32_t code = 0;
  std::uint32_t count = 0;
  for (unsigned bits = 1; bits <= kMaxCodeBits; ++bits) {
    table.first_code[bits] = code;
    table.first_symbol[bits] = count;
    for (unsigned symbol = 0; symbol <= kEndOfString; ++symbol) {
      if (kCodeLengths[symbol] != bits) continue;
      table.symbols[count++] = static_cast<std::uint16_t>(symbol);
      ++code;
    }
    code <<= 1;
  }
  table.first_symbol[kMaxCodeBits + 1] = count;
  return table;
}

constexpr HuffmanTable kHuffman = make_huffman_table();

std::optional<std::string> huffman_decode(std::string_view coded) {
  std::string text;
  std::uint32_t code = 0;
  unsigned bits = 0;
  for (const char c : coded) {
    for (int shift = 7; shift >= 0; --shift) {
      code = code << 1 | ((static_cast<unsigned char>(c) >> shift) & 1u);
      if (++bits > kMaxCodeBits) return std::nullopt;
      const std::uint32_t count = kHuffman.first_symbol[bits + 1] - kHuffman.first_symbol[bits];
      const std::uint32_t offset = code - kHuffman.first_code[bits];
      if (code < kHuffman.first_code[bits] || offset >= count) continue;
      const std::uint16_t symbol = kHuffman.symbols[kHuffman.first_symbol[bits] + offset];
      if (symbol == kEndOfString) return std::nullopt;
      text += static_cast<char>(symbol);
      code = bits = 0;
    }
  }
  // Padding is the start of the end-of-string code, all ones, shorter than a byte.
  if (bits > 7 || code != (1u << bits) - 1) return std::nullopt;
  return text;
}

void append_integer(std::string& out, std::uint8_t first, unsigned prefix_bits, std::size_t value) {
  const std::size_t full = (std::size_t{1} << prefix_bits) - 1;
  if (value < full) {
    out += static_cast<char>(first | value);
    return;
  }
  out += static_cast<char>(first | full);
  for (value -= full; value >= 128; value >>= 7) out += static_cast<char>(value % 128 + 128);
  out += static_cast<char>(value);
}

bool take_integer(std::string_view& in, unsigned prefix_bits, std::uint64_t& value) {
  if (in.empty()) return false;
  const std::uint64_t full = (1u << prefix_bits) - 1;
  value = static_cast<unsigned char>(in.front()) & full;
  in.remove_prefix(1);
  if (value < full) return true;
  for (unsigned shift = 0; shift < 35 && !in.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    value += std::uint64_t{byte & 127u} << shift;
    if (byte < 128) return true;
  }
  return false;
}

bool take_string(std::string_view& in, std::string& text) {
  const bool huffman = !in.empty() && (in.front() & 0x80) != 0;
  std::uint64_t bytes = 0;
  if (!take_integer(in, 7, bytes) || bytes > in.size()) return false;
  const std::string_view raw = in.substr(0, bytes);
  in.remove_prefix(bytes);
  if (!huffman) {
    text = raw;
    return true;
  }
  std::optional<std::string> decoded = huffman_decode(raw);
  if (decoded) text = std::move(*decoded);
  return decoded.has_value();
}

std::size_t entry_bytes(const DecodedField& field) {
  return field.name.size() + field.value.size() + 32;
}

}  // namespace

std::string hpack_encode(const Fields& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    out += '\0';
    append_integer(out, 0, 7, name.size());
    out += name;
    append_integer(out, 0, 7, value.size());
    out += value;
  }
  return out;
}

bool HpackDecoder::field_at(std::uint64_t index, DecodedField& field) const {
  if (index == 0) return false;
  if (index <= kStaticCount) {
    field = {std::string(kStaticTable[index - 1].name), std::string(kStaticTable[index - 1].value)};
    return true;
  }
  if (index - kStaticCount > table_.size()) return false;
  field = table_[index - kStaticCount - 1];
  return true;
}

void HpackDecoder::shrink_to(std::size_t bytes) {
  while (table_bytes_ > bytes) {
    table_bytes_ -= entry_bytes(table_.back());
    table_.pop_back();
  }
}

void HpackDecoder::insert(const DecodedField& field) {
  const std::size_t bytes = entry_bytes(field);
  shrink_to(bytes > capacity_bytes_ ? 0 : capacity_bytes_ - bytes);
  if (bytes > capacity_bytes_) return;
  table_.push_front(field);
  table_bytes_ += bytes;
}

std::optional<std::vector<DecodedField>> HpackDecoder::decode(std::string_view block) {
  std::vector<DecodedField> fields;
  while (!block.empty()) {
    const auto first = static_cast<unsigned char>(block.front());
    std::uint64_t number = 0;
    if ((first & 0x80) != 0) {  // indexed
      DecodedField field;
      if (!take_integer(block, 7, number) || !field_at(number, field)) return std::nullopt;
      fields.push_back(std::move(field));
      continue;
    }
    if ((first & 0xe0) == 0x20) {  // table size update
      if (!take_integer(block, 5, number) || number > 4096) return std::nullopt;
      capacity_bytes_ = number;
      shrink_to(capacity_bytes_);
      continue;
    }
    const bool indexing = (first & 0x40) != 0;
    DecodedField field;
    if (!take_integer(block, indexing ? 6 : 4, number)) return std::nullopt;
    if (number != 0 && !field_at(number, field)) return std::nullopt;
    if (number == 0 && !take_string(block, field.name)) return std::nullopt;
    if (!take_string(block, field.value)) return std::nullopt;
    field.never_indexed = !indexing && (first & 0x10) != 0;
    if (indexing) insert(field);
    fields.push_back(std::move(field));
  }
  return fields;
}

}  // namespace minim::test
