// Search attributes: typed fields by which workflows are found (temporal.api.common.v1).
//
//   const minim::KeywordAttribute customer{"CustomerId"};
//   const minim::IntAttribute items{"Items"};
//   minim::SearchAttributes attributes{customer.set("c-7"), items.set(3)};
//   std::optional<std::int64_t> count = attributes.get(items);
#ifndef MINIM_SEARCH_ATTRIBUTES_H_
#define MINIM_SEARCH_ATTRIBUTES_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "minim/datetime.h"
#include "minim/payload.h"
#include "minim/result.h"

namespace minim {

// The numbers of temporal.api.enums.v1.IndexedValueType.
enum class SearchAttributeType : std::int32_t {
  kText = 1,     // words are searched
  kKeyword = 2,  // the whole value is compared
  kInt = 3,
  kDouble = 4,
  kBool = 5,
  kDatetime = 6,
  kKeywordList = 7,
};

std::string_view to_string(SearchAttributeType type);  // "Text", "Keyword", "Int", ...

using KeywordList = std::vector<std::string>;

// Empty: the attribute is removed.
using SearchAttributeValue =
    std::variant<std::monostate, std::string, std::int64_t, double, bool, Datetime, KeywordList>;

struct SearchAttribute {
  std::string name;
  SearchAttributeType type;
  SearchAttributeValue value;
  friend bool operator==(const SearchAttribute&, const SearchAttribute&) = default;
};

// A name with its type; only the right type of value can be set.
template <SearchAttributeType kType, class T>
struct SearchAttributeKey {
  using Value = T;
  static constexpr SearchAttributeType kValueType = kType;

  std::string name;

  template <class U>
    requires std::is_convertible_v<U, T>
  SearchAttribute set(U&& value) const {
    // A number for a flag, or a flag or a fraction for an integer, is a slip of the pen.
    static_assert(!std::is_arithmetic_v<T> ||
                      std::is_same_v<T, bool> == std::is_same_v<std::decay_t<U>, bool>,
                  "a Bool attribute takes a bool, and no other takes one");
    static_assert(!std::is_integral_v<T> || std::is_integral_v<std::decay_t<U>>,
                  "an Int attribute takes an integer");
    return {name, kType, SearchAttributeValue(std::in_place_type<T>, T(std::forward<U>(value)))};
  }
  SearchAttribute unset() const { return {name, kType, std::monostate()}; }
};

using TextAttribute = SearchAttributeKey<SearchAttributeType::kText, std::string>;
using KeywordAttribute = SearchAttributeKey<SearchAttributeType::kKeyword, std::string>;
using IntAttribute = SearchAttributeKey<SearchAttributeType::kInt, std::int64_t>;
using DoubleAttribute = SearchAttributeKey<SearchAttributeType::kDouble, double>;
using BoolAttribute = SearchAttributeKey<SearchAttributeType::kBool, bool>;
using DatetimeAttribute = SearchAttributeKey<SearchAttributeType::kDatetime, Datetime>;
using KeywordListAttribute = SearchAttributeKey<SearchAttributeType::kKeywordList, KeywordList>;

// Attributes in order of their names. They are written with fixed rules: never through a converter
// or a codec of the user's, because the server reads them.
class SearchAttributes {
 public:
  SearchAttributes() = default;
  // A name that occurs twice is kept twice, for to_payloads() to report.
  SearchAttributes(std::initializer_list<SearchAttribute> attributes);

  // Replaces the attribute of that name, whatever its type, or adds one.
  void set(SearchAttribute attribute);

  // The value, if there is an attribute of that name and type.
  template <SearchAttributeType kType, class T>
  std::optional<T> get(const SearchAttributeKey<kType, T>& key) const {
    const SearchAttribute* const found = find(key.name);
    if (found == nullptr || found->type != kType) return std::nullopt;
    const T* const value = std::get_if<T>(&found->value);
    return value == nullptr ? std::nullopt : std::optional<T>(*value);
  }
  const SearchAttribute* find(std::string_view name) const;  // null: none

  bool empty() const { return attributes_.empty(); }
  std::size_t size() const { return attributes_.size(); }
  auto begin() const { return attributes_.begin(); }
  auto end() const { return attributes_.end(); }

  // INVALID_ARGUMENT, naming the attribute: a name that is empty or occurs twice, a value whose
  // type is not that of the attribute, NaN or an infinity, text that is not UTF-8.
  Result<PayloadMap> to_payloads() const;

  // Skips what is no typed attribute: no type or an unknown one, a value of another kind, null. The
  // type names of older servers (INDEXED_VALUE_TYPE_KEYWORD) count, a list of one element stands
  // for that element, and a Double may be written as an integer (an Int not as 5.0).
  // INVALID_ARGUMENT, naming the attribute: an unknown encoding, JSON that does not parse, a
  // Datetime that is no ISO 8601 time or outside the range of Datetime.
  static Result<SearchAttributes> from_payloads(const PayloadMap& payloads);

  friend bool operator==(const SearchAttributes&, const SearchAttributes&) = default;

 private:
  void insert(SearchAttribute attribute);  // behind those with the same name

  std::vector<SearchAttribute> attributes_;
};

}  // namespace minim

#endif  // MINIM_SEARCH_ATTRIBUTES_H_
