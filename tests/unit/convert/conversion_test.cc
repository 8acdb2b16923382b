// The customization point: what converts is decided by the compiler, and a specialisation by the
// user composes with everything else.
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "minim/converter.h"
#include "unit/convert/vectors.h"

namespace app {

struct Point {
  int x = 0;
  std::optional<int> y{};
  friend bool operator==(const Point&, const Point&) = default;
};

struct Picture {
  std::string pixels;
  explicit Picture(std::string bytes) : pixels(std::move(bytes)) {}  // no default: read at once
};

struct Stranger {};
enum class Colour { kRed };

}  // namespace app

template <>
struct minim::Conversion<app::Point> {
  static void write(JsonWriter& out, const app::Point& point) {
    if (point.x < 0) out.fail("a point left of the origin");
    out.begin_object();
    write_member(out, "x", point.x);
    write_member(out, "y", point.y);
    out.end_object();
  }
  static Status read(JsonView in, app::Point& point) {
    if (Status status = read_member(in, "x", point.x); !status.ok()) return status;
    return read_member(in, "y", point.y);
  }
};

template <>
struct minim::Conversion<app::Picture> {
  static Result<Payload> to_payload(const app::Picture& picture) {
    Payload payload = make_payload("image/raw", picture.pixels);
    payload.metadata.set("depth", "1");
    return payload;
  }
  static Result<app::Picture> from_payload(const Payload& payload) {
    if (payload.encoding() != "image/raw") return Status(Code::kInvalidArgument, "no picture");
    return app::Picture(payload.data);
  }
};

namespace minim {
namespace {

template <class T>
constexpr bool kBoth = Encodable<T> && Decodable<T>;

static_assert(kBoth<bool> && kBoth<signed char> && kBoth<short> && kBoth<unsigned> && kBoth<long>);
static_assert(kBoth<unsigned long long> && kBoth<float> && kBoth<double>);
static_assert(kBoth<std::string> && kBoth<Bytes> && kBoth<Payload> && kBoth<RawJson>);
static_assert(kBoth<std::nullptr_t> && kBoth<std::monostate> && kBoth<std::optional<int>>);
static_assert(kBoth<std::vector<std::map<std::string, std::optional<std::vector<bool>>>>>);
static_assert(kBoth<std::tuple<int, std::pair<int, std::string>>> && kBoth<std::tuple<>>);
static_assert(kBoth<app::Point> && kBoth<std::vector<app::Point>> && kBoth<app::Picture>);
static_assert(kBoth<std::optional<app::Picture>> && kBoth<std::optional<Payload>>);

static_assert(Encodable<const char*> && Encodable<char[4]> && Encodable<std::string_view>);
static_assert(!Decodable<const char*> && !Decodable<std::string_view>);

static_assert(!Encodable<app::Stranger> && !Decodable<app::Stranger>);
static_assert(!Encodable<std::vector<app::Stranger>> && !Decodable<std::optional<app::Stranger>>);
static_assert(!Encodable<app::Colour>);  // a number to some, a name to others
static_assert(!Encodable<char> && !Encodable<wchar_t> && !Encodable<char8_t>);
static_assert(!Encodable<long double> && !Encodable<int*> && !Encodable<void*>);
static_assert(!Encodable<std::map<bool, int>> && !Encodable<std::map<double, int>>);
static_assert(!Encodable<std::vector<Payload>>);  // JSON cannot hold a payload

TEST(Conversion, UserTypeInsideContainers) {
  using Points = std::map<std::string, std::vector<app::Point>>;
  const Points points{{"a", {{1, 2}, {3, std::nullopt}}}};
  const Result<Payload> payload = to_payload(points);
  ASSERT_TRUE(payload.has_value());
  EXPECT_EQ(payload->data, R"({"a":[{"x":1,"y":2},{"x":3,"y":null}]})");
  EXPECT_EQ(*from_payload<Points>(*payload), points);
  EXPECT_EQ(*from_payload<app::Point>(json_plain("{\"x\":1,\"z\":5}")), (app::Point{1, {}}));
}

TEST(Conversion, UserTypeReportsProblems) {
  EXPECT_EQ(to_payload(std::vector{app::Point{-1, 0}}).error().message(),
            "value 0: a point left of the origin");
  EXPECT_EQ(from_payload<app::Point>(json_plain("{}")).error().message(),
            "payload (json/plain): no member \"x\"");
  EXPECT_EQ(from_payload<app::Point>(json_plain("[]")).error().message(),
            "payload (json/plain): expected an object, found an array");
  EXPECT_EQ(from_payload<app::Point>(json_plain("{\"x\":1,\"y\":\"\"}")).error().message(),
            "payload (json/plain): expected an integer, found a string");
}

TEST(Conversion, UserPayload) {
  const Result<Payload> payload = to_payload(app::Picture("abc"));
  ASSERT_TRUE(payload.has_value());
  EXPECT_EQ(payload->encoding(), "image/raw");
  EXPECT_EQ(from_payload<app::Picture>(*payload)->pixels, "abc");
  EXPECT_EQ(from_payload<app::Picture>(json_plain("1")).error().message(),
            "payload (json/plain): no picture");
  EXPECT_FALSE((*from_payload<std::optional<app::Picture>>(json_plain("null"))).has_value());
  const auto both = DataConverter().decode_first<app::Picture, int>({*payload, json_plain("1")});
  EXPECT_EQ(std::get<0>(*both).pixels, "abc");
}

}  // namespace
}  // namespace minim
