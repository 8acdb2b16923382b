// Conversions of the standard containers: lists, maps and tuples of anything that converts.
#ifndef MINIM_CONTAINER_CONVERSION_H_
#define MINIM_CONTAINER_CONVERSION_H_

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "minim/conversion.h"

namespace minim {

namespace internal {

Status wrong_length(std::size_t expected, std::size_t found);
// The text of an object's member name as an integer; false when it is none or out of range.
bool parse_key(std::string_view text, std::int64_t& key);
bool parse_key(std::string_view text, std::uint64_t& key);

template <class K>
concept ObjectKey = std::same_as<K, std::string> || Integer<K>;

template <class Map>
struct MapConversion {
  using Key = typename Map::key_type;
  using Mapped = typename Map::mapped_type;

  // Members in order of the keys themselves: text by code point, numbers by value.
  static void write(JsonWriter& out, const Map& map)
    requires(ObjectKey<Key> && JsonWritable<Mapped>)
  {
    std::vector<const typename Map::value_type*> members;
    members.reserve(map.size());
    for (const auto& member : map) members.push_back(&member);
    std::sort(members.begin(), members.end(),
              [](const auto* a, const auto* b) { return a->first < b->first; });
    out.begin_object();
    for (const auto* member : members) {
      if constexpr (std::same_as<Key, std::string>) {
        out.key(member->first);
      } else {
        out.key(std::to_string(member->first));
      }
      write_value(out, member->second);
    }
    out.end_object();
  }

  static Status read(JsonView in, Map& map)
    requires(ObjectKey<Key> && JsonReadable<Mapped> && std::default_initializable<Mapped>)
  {
    if (in.kind() != JsonView::Kind::kObject) return in.mismatch("an object");
    map.clear();
    for (std::size_t i = 0; i < in.size(); ++i) {
      Key key{};
      if constexpr (std::same_as<Key, std::string>) {
        key = std::string(in.key(i));
      } else {
        std::conditional_t<std::is_signed_v<Key>, std::int64_t, std::uint64_t> wide = 0;
        if (!parse_key(in.key(i), wide) || !std::in_range<Key>(wide)) return out_of_range();
        key = static_cast<Key>(wide);
      }
      Mapped value{};
      if (Status status = read_value(in.at(i), value); !status.ok()) return status;
      map.insert_or_assign(std::move(key), std::move(value));
    }
    return Status();
  }
};

// A fixed number of values as a JSON array of exactly that length.
template <class Tuple>
struct TupleConversion {
  template <class... Ts>
  static void write_all(JsonWriter& out, const Ts&... items) {
    out.begin_array();
    (write_value(out, items), ...);
    out.end_array();
  }
  template <class... Ts>
  static Status read_all(JsonView in, Ts&... items) {
    if (in.kind() != JsonView::Kind::kArray) return in.mismatch("an array");
    if (in.size() != sizeof...(Ts)) return wrong_length(sizeof...(Ts), in.size());
    Status status;
    std::size_t index = 0;
    (void)index;
    (void)((status = read_value(in.at(index++), items), status.ok()) && ...);
    return status;
  }
};

}  // namespace internal

// A list of numbers, also for std::uint8_t; use Bytes or std::vector<std::byte> for a byte string.
template <class T, class A>
struct Conversion<std::vector<T, A>> {
  static void write(JsonWriter& out, const std::vector<T, A>& list)
    requires JsonWritable<T>
  {
    out.begin_array();
    for (std::size_t i = 0; i < list.size(); ++i) write_value<T>(out, list[i]);
    out.end_array();
  }
  static Status read(JsonView in, std::vector<T, A>& list)
    requires(JsonReadable<T> && std::default_initializable<T>)
  {
    if (in.kind() != JsonView::Kind::kArray) return in.mismatch("an array");
    list.clear();
    list.reserve(in.size());
    for (std::size_t i = 0; i < in.size(); ++i) {
      T item{};
      if (Status status = read_value(in.at(i), item); !status.ok()) return status;
      list.push_back(std::move(item));
    }
    return Status();
  }
};

// As Bytes.
template <class A>
struct Conversion<std::vector<std::byte, A>> {
  using List = std::vector<std::byte, A>;

  static Result<Payload> to_payload(const List& list) {
    return make_payload(kEncodingBinary, std::string(text(list)));
  }
  static Result<List> from_payload(const Payload& payload) {
    Result<std::string> data = internal::bytes_of(payload);
    if (!data) return data.error();
    List list;
    assign(*data, list);
    return list;
  }
  static void write(JsonWriter& out, const List& list) { internal::write_bytes(out, text(list)); }
  static Status read(JsonView in, List& list) {
    std::string data;
    Status status = internal::read_bytes(in, data);
    if (status.ok()) assign(data, list);
    return status;
  }

 private:
  static std::string_view text(const List& list) {
    return {reinterpret_cast<const char*>(list.data()), list.size()};
  }
  static void assign(const std::string& data, List& list) {
    const auto* const bytes = reinterpret_cast<const std::byte*>(data.data());
    list.assign(bytes, bytes + data.size());
  }
};

template <class T, std::size_t N>
struct Conversion<std::array<T, N>> {
  static void write(JsonWriter& out, const std::array<T, N>& list)
    requires JsonWritable<T>
  {
    out.begin_array();
    for (const T& item : list) write_value(out, item);
    out.end_array();
  }
  static Status read(JsonView in, std::array<T, N>& list)
    requires JsonReadable<T>
  {
    if (in.kind() != JsonView::Kind::kArray) return in.mismatch("an array");
    if (in.size() != N) return internal::wrong_length(N, in.size());
    for (std::size_t i = 0; i < N; ++i) {
      if (Status status = read_value(in.at(i), list[i]); !status.ok()) return status;
    }
    return Status();
  }
};

// Keys are strings or integers; JSON writes both as text.
template <class K, class T, class C, class A>
struct Conversion<std::map<K, T, C, A>> : internal::MapConversion<std::map<K, T, C, A>> {};
template <class K, class T, class H, class E, class A>
struct Conversion<std::unordered_map<K, T, H, E, A>>
    : internal::MapConversion<std::unordered_map<K, T, H, E, A>> {};

template <class A, class B>
struct Conversion<std::pair<A, B>> : private internal::TupleConversion<std::pair<A, B>> {
  static void write(JsonWriter& out, const std::pair<A, B>& pair)
    requires(JsonWritable<A> && JsonWritable<B>)
  {
    Conversion::write_all(out, pair.first, pair.second);
  }
  static Status read(JsonView in, std::pair<A, B>& pair)
    requires(JsonReadable<A> && JsonReadable<B>)
  {
    return Conversion::read_all(in, pair.first, pair.second);
  }
};

template <class... Ts>
struct Conversion<std::tuple<Ts...>> : private internal::TupleConversion<std::tuple<Ts...>> {
  static void write(JsonWriter& out, const std::tuple<Ts...>& tuple)
    requires(JsonWritable<Ts> && ...)
  {
    std::apply([&](const auto&... items) { Conversion::write_all(out, items...); }, tuple);
  }
  static Status read(JsonView in, std::tuple<Ts...>& tuple)
    requires(JsonReadable<Ts> && ...)
  {
    return std::apply([&](auto&... items) { return Conversion::read_all(in, items...); }, tuple);
  }
};

}  // namespace minim

#endif  // MINIM_CONTAINER_CONVERSION_H_
