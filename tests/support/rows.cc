#include "support/rows.h"

#include <gtest/gtest.h>

#include <string>

namespace minim::test {

using namespace std::chrono_literals;
using rpc::ChannelState;
using rpc::Progress;

namespace {

constexpr std::size_t kFewBytes = 20'000;  // answers of this size are also sent byte by byte

World::Wire& last_wire(World& world) { return world.wires.back(); }

bool is_dialled(World& world) {
  return !world.wires.empty() && !last_wire(world).is_open && !last_wire(world).is_closed;
}

std::string bytes_of(const Answer& answer) {
  Peer peer;
  answer.send(peer);
  return peer.take();
}

void check_connection(const Answer& one) {
  Script s;
  if (one.limits) one.limits(s.options.limits);
  const auto a = s.start("/svc/A"), b = s.start("/svc/B");
  one.send(s.peer());
  if (!one.is_breach) s.peer().reply(3, "alive");
  s.expect(a, one.ending.code, one.ending.text, one.ending.progress);
  if (one.is_breach) {
    s.expect(b, Code::kUnavailable, {}, Progress::kSent);
  } else {
    s.expect(b, Code::kOk, "alive");
  }
  s.expect([&](const Script::Run& run) {
    EXPECT_EQ(run.is_closed, one.is_breach);
    EXPECT_EQ(run.received.count(kGoaway), one.is_breach ? 1u : 0u);
    if (one.reset) {
      const Frame* const reset = run.received.find(kRstStream, 1);
      ASSERT_NE(reset, nullptr);
      EXPECT_EQ(reset->number(), *one.reset);
    }
  });
  bytes_of(one).size() <= kFewBytes ? s.run_all_ways() : void(s.run());
}

rpc::ChannelOptions options_of(const Answer& one) {
  rpc::ChannelOptions options = plain_options("10.0.0.1");
  if (one.limits) one.limits(options.limits);
  return options;
}

void check_channel(const Answer& one, std::size_t chunk_bytes) {
  World w(options_of(one));
  w.chunk_bytes = chunk_bytes;
  const auto a = w.start("/svc/A", once()), b = w.start("/svc/B", once());
  w.accept(0);
  if (one.is_breach) {
    const auto queued = w.start("/svc/Queued", once());
    w.send(0, Peer().settings({{kMaxConcurrentStreams, 2}}).settings_ack());
    w.send(0, bytes_of(one));
    expect_moves(w, queued, "/svc/Queued");
  } else {
    w.send(0, Peer().settings().settings_ack()).send(0, bytes_of(one));
  }
  if (one.ending.sent == 2) answer(w, "/svc/A", one.ending.text);
  expect_ending(w, a, "/svc/A", one.ending);
  if (one.is_breach) {
    w.expect(b, Code::kUnavailable);
  } else {
    answer(w, "/svc/B", "alive");
    w.expect(b, Code::kOk, "alive");
  }
  expect_next_call_works(w, Next::kSameLink);
}

void check_policy(const Answer& one) {
  World w(options_of(one));
  const auto a = w.start("/svc/A");
  w.start("/svc/B");
  w.open(0).send(0, bytes_of(one));
  for (int i = 0; i < 30; ++i) {
    w.wait(100ms);
    if (is_dialled(w)) w.open(w.wires.size() - 1);
  }
  const bool repeated = is_repeated(one.ending);
  EXPECT_EQ(w.sent_count("/svc/A"), one.ending.sent + (repeated ? 1 : 0));
  if (!repeated) return;
  answer(w, "/svc/A", "again");
  w.expect(a, Code::kOk, "again");
  EXPECT_EQ(w.reply(a)->attempts, 2u);
}

}  // namespace

rpc::CallOptions once() { return {.retry = rpc::no_retry()}; }
rpc::CallOptions patient() { return {.wait_for_ready = true}; }

bool is_repeated(const Ending& ending) {
  switch (ending.code) {
    case Code::kUnknown:
    case Code::kResourceExhausted:
    case Code::kAborted:
    case Code::kOutOfRange:
    case Code::kInternal:
    case Code::kUnavailable:
    case Code::kDataLoss:
      return !ending.is_final;
    case Code::kOk:
    case Code::kCancelled:
    case Code::kInvalidArgument:
    case Code::kDeadlineExceeded:
    case Code::kNotFound:
    case Code::kAlreadyExists:
    case Code::kPermissionDenied:
    case Code::kFailedPrecondition:
    case Code::kUnimplemented:
    case Code::kUnauthenticated:
      return false;
  }
  return false;
}

void expect_ending(const World& world, rpc::CallId call, std::string_view path,
                   const Ending& ending) {
  const rpc::Reply* const got = world.reply(call);
  ASSERT_NE(got, nullptr) << path << " has not ended";
  const std::string text = got->status.to_string();
  EXPECT_EQ(code_name(got->status.code()), code_name(ending.code)) << text;
  if (ending.code == Code::kOk) {
    EXPECT_EQ(got->message, ending.text);
  } else {
    EXPECT_NE(got->status.message().find(ending.text), std::string_view::npos)
        << text << "\nhas no part '" << ending.text << "'";
    EXPECT_EQ(got->message, "") << "a payload beside an error";
    EXPECT_EQ(origin_name(got->status.origin()), origin_name(ending.origin)) << text;
    EXPECT_EQ(got->status.may_have_reached_server(), ending.progress == Progress::kSent) << text;
    EXPECT_EQ(got->status.retryable(), is_repeated(ending)) << text;
  }
  EXPECT_EQ(got->progress, ending.progress) << text;
  EXPECT_EQ(got->attempts, 1u) << "repeats that are free do not count";
  EXPECT_EQ(world.sent_count(path), ending.sent) << text;
}

std::size_t reopen(World& world) {
  for (int i = 0; i < 200; ++i) {
    if (is_dialled(world)) {
      world.open(world.wires.size() - 1);
      return world.wires.size() - 1;
    }
    if (world.channel().state() == ChannelState::kConnecting) {
      world.resolve({"10.0.0.9"});
    } else {
      world.wait(100ms);
    }
  }
  ADD_FAILURE() << "no connection is asked for";
  return 0;
}

void answer(World& world, std::string_view path, std::string_view message) {
  const int link = world.link_of(path);
  ASSERT_GE(link, 0) << path << " has not been sent";
  std::uint32_t stream = 0;
  for (const Frame& frame : world.wires[static_cast<std::size_t>(link)].received.frames()) {
    if (frame.type == kHeaders && frame.field(":path") == path) stream = frame.stream;
  }
  world.send(static_cast<std::size_t>(link), Peer().reply(stream, message));
}

void expect_next_call_works(World& world, Next next) {
  const std::size_t links = world.wires.size();
  const auto call = world.start("/svc/Next", patient());
  if (next == Next::kNewLink && world.sent_count("/svc/Next") == 0) reopen(world);
  const int link = world.link_of("/svc/Next");
  ASSERT_GE(link, 0) << "the next call has not been sent";
  if (next == Next::kSameLink) {
    EXPECT_EQ(link, static_cast<int>(links) - 1);
  } else {
    EXPECT_GT(link, 0);
  }
  answer(world, "/svc/Next", "next");
  world.expect(call, Code::kOk, "next");
  EXPECT_EQ(world.sent_count("/svc/Next"), 1u);
}

void expect_moves(World& world, rpc::CallId call, std::string_view path) {
  EXPECT_TRUE(world.wires.back().is_closed);
  EXPECT_EQ(world.sent_count(path), 0u);
  world.expect_pending(call);
  reopen(world);
  answer(world, path, "moved");
  expect_ending(world, call, path, {.text = "moved"});
}

void expect_answer(const Answer& one) {
  SCOPED_TRACE(one.name);
  check_connection(one);
  check_channel(one, SIZE_MAX);
  if (bytes_of(one).size() <= kFewBytes) check_channel(one, 1);
  check_policy(one);
}

void expect_no_connection(const std::function<void(World&)>& spoil, std::string_view text,
                          rpc::ChannelOptions options) {
  World w(std::move(options));
  const auto hasty = w.start("/svc/Hasty", once()), waiting = w.start("/svc/Waiting", patient());
  spoil(w);
  expect_ending(
      w, hasty, "/svc/Hasty",
      {.code = Code::kUnavailable, .text = text, .progress = Progress::kNotSent, .sent = 0});
  w.expect_pending(waiting);
  for (const World::Wire& wire : w.wires) EXPECT_TRUE(wire.is_closed);
  reopen(w);
  answer(w, "/svc/Waiting", "here");
  w.expect(waiting, Code::kOk, "here");
  EXPECT_EQ(w.sent_count("/svc/Waiting"), 1u);
  expect_next_call_works(w, Next::kSameLink);
}

}  // namespace minim::test
