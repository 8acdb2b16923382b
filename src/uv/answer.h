// What comes back from a lookup or from a host's resolver or dialer, and where it goes.
#ifndef MINIM_UV_ANSWER_H_
#define MINIM_UV_ANSWER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "minim/dialer.h"
#include "minim/rpc/target.h"
#include "minim/status.h"
#include "uv/list.h"
#include "uv/system.h"

namespace minim::uv {

class Mailbox;

struct Answer {
  Answer(const System& used, std::uint64_t number) : system(used), serial(number) {}
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;
  ~Answer();  // closes a descriptor that nobody has taken

  const System& system;
  const std::uint64_t serial;
  Status status;
  std::vector<rpc::Address> addresses;  // of a name: not empty if the status is OK
  int descriptor = -1;                  // of a dial: this one, or `stream`, if the status is OK
  std::unique_ptr<ByteStream> stream;
  Hook<Answer> hook;
};

// The inside of ResolverAnswer and DialAnswer. Any thread.
class HostAnswer {
 public:
  // `name`: what the host was asked about; errors begin with it.
  HostAnswer(std::shared_ptr<Mailbox> mailbox, const System& system, std::uint64_t serial,
             std::string name);
  HostAnswer(const HostAnswer&) = delete;
  HostAnswer& operator=(const HostAnswer&) = delete;
  // Posts the answer.
  ~HostAnswer();

  // To be filled by whoever knows; its status stays as it is until set or failed.
  Answer& answer() { return *answer_; }
  void fail(std::string_view why);

 private:
  const std::shared_ptr<Mailbox> mailbox_;
  const std::string name_;
  std::unique_ptr<Answer> answer_;
};

}  // namespace minim::uv

#endif  // MINIM_UV_ANSWER_H_
