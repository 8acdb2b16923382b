#include "faces/support/stage.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace minim::test {

BlackHole::BlackHole()
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      filler_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(::bind(listener_, generic, length), 0);
  EXPECT_EQ(::getsockname(listener_, generic, &length), 0);
  EXPECT_EQ(::listen(listener_, 0), 0);
  EXPECT_EQ(::connect(filler_, generic, length), 0);
  target_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
}

BlackHole::~BlackHole() {
  ::close(filler_);
  ::close(listener_);
}

// What failed half-way must still come to an end.
Stage::~Stage() {
  drop_client();
  host_.reset();
}

void Stage::open(ConnectOptions options) {
  watcher_ = std::make_shared<Watcher>(watchers_gone_);
  options.observer = watcher_;
  options.plain_grpc = true;
  options.gzip_above_bytes.reset();
  client_.emplace(host().create(std::move(options)).value());
}

void Stage::begin(const std::string& path, bool may_have_reached, std::size_t bytes,
                  CallOptions options) {
  auto call = client_->call(path, std::string(bytes, 'x')).with(std::move(options));
  operations_.push_back({std::make_unique<Pending>(face_, std::move(call)), may_have_reached});
}

void Stage::be_ready() {
  const Pending good(face_, client_->call("/test/Echo", "hello"));
  until([&] { return good.has_ended(); });
  EXPECT_EQ(good.status().to_string(), "OK");
}

void Stage::pass_mail() {
  std::atomic<bool> has_passed = false;
  on_loop([&] { has_passed = true; });
  until([&] { return has_passed.load(); });
}

void Stage::drop_client() {
  client_.reset();
  watcher_.reset();
}

void Stage::on_loop(std::function<void()> act) {
  // Refused when it begins, which is on the loop's thread.
  const CallOptions wrong{.metadata = {{"not a key", ""}}};
  const bool takes_more = client_ && !is_closing;
  const Client caller = takes_more ? *client_ : host().create({.target = "127.0.0.1:1"}).value();
  auto refused = caller.call("/", "").with(wrong);
  if (!is_coroutine(face_)) {
    std::move(refused).start([own = std::move(act)](Result<std::string>) { own(); });
    return;
  }
  [](Operation<std::string> operation, std::function<void()> own) -> Task<void> {
    static_cast<void>(co_await std::move(operation));
    own();
  }(std::move(refused), std::move(act))
                                                                         .detach();
}

int Stage::ends() const {
  int count = 0;
  for (const Expected& operation : operations_) count += operation.pending->ends();
  return count;
}

bool Stage::have_ended() const {
  for (const Expected& operation : operations_) {
    if (!operation.pending->has_ended()) return false;
  }
  return true;
}

void Stage::cancel_all() {
  const auto cancel = [this] {
    for (const Expected& operation : operations_) operation.pending->cancel();
  };
  if (face_ != FaceKind::kRuntimeCoroutines) return cancel();
  std::atomic<bool> is_done = false;
  on_loop([&] {
    cancel();
    is_done = true;
  });
  until([&] { return is_done.load(); });
}

void Stage::expect_ends(const std::string& status, bool was_told) const {
  for (const Expected& operation : operations_) {
    EXPECT_EQ(operation.pending->ends(), was_told ? 1 : 0);
    if (!was_told) continue;
    const Status& got = operation.pending->status();
    EXPECT_EQ(got.to_string(), status);
    EXPECT_EQ(got.may_have_reached_server(), operation.may_have_reached);
  }
}

void Stage::expect_nothing_left() {
  watcher_.reset();
  until([&] { return watchers_gone_ == 1; });
  host().run();
  if (server_) {
    server_->resume();
    server_->wait_for_open(0);
  }
  for (ResolverAnswer& late : resolver->take()) {
    late.give(std::vector<rpc::Address>{{rpc::Address::Kind::kIp, "127.0.0.1", 1}});
  }
  std::vector<int> far_ends;
  for (DialAnswer& late : dialer->take()) {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    late.give(ends[0]);
    far_ends.push_back(ends[1]);
  }
  host().destroy();
  host().run();
  for (const int fd : far_ends) {
    char byte = 0;
    EXPECT_EQ(::recv(fd, &byte, 1, 0), 0) << "the late descriptor is closed";
    ::close(fd);
  }
  EXPECT_EQ(resolver.use_count(), 1);
  EXPECT_EQ(dialer.use_count(), 1);
}

}  // namespace minim::test
