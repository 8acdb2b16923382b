// How a driver gets its links: lookups and dials, the system's or the host's own.
#include <utility>

#include "minim/dialer.h"
#include "minim/resolver.h"
#include "uv/driver.h"
#include "uv/lookup.h"
#include "uv/loop_core.h"

namespace minim::uv {

void Driver::resolved(Time now, rpc::LinkId lookup, Result<std::vector<rpc::Address>> addresses) {
  channel_->resolved(now, lookup, std::move(addresses));
  core_.touch(*this);
}

void Driver::connected(Time now, rpc::LinkId id, Answer& answer) {
  Link* const link = find(id);
  if (link == nullptr) return;  // nobody waits for it any more
  Status why = answer.status;
  if (why.ok()) why = link->adopt(core_.loop(), answer);
  if (!why.ok()) return dial_failed(now, id, std::move(why));
  channel_->dialed(now, id, Status());
  core_.touch(*this);
}

void Driver::finish_dial(Time now, Link& link) {
  Status why;
  switch (link.finish_dial(&why)) {
    case Link::Dial::kPending:
      return;
    case Link::Dial::kOpen:
      return channel_->dialed(now, link.id(), Status());
    case Link::Dial::kFailed:
      return dial_failed(now, link.id(), std::move(why));
  }
}

void Driver::dial_failed(Time now, rpc::LinkId id, Status why) {
  close_link(id);
  channel_->dialed(now, id, std::move(why));
  core_.touch(*this);
}

void Driver::resolve(const rpc::Channel::Action& action) {
  if (std::optional<rpc::Address> address = numeric_address(action.host, action.port)) {
    return resolved(core_.now(), action.link, std::vector<rpc::Address>{std::move(*address)});
  }
  const rpc::ChannelOptions& options = channel_->options();
  if (options.resolver != nullptr) {
    auto answer = core_.await_host(*this, action.link, LoopCore::Awaited::kAddresses, action.host);
    if (answer) {
      return options.resolver->resolve(action.host, action.port,
                                       ResolverAnswer(std::move(*answer)));
    }
    return resolved(core_.now(), action.link, answer.error());
  }
  if (options.dialer != nullptr) {
    rpc::Address name{rpc::Address::Kind::kIp, action.host, action.port};
    return resolved(core_.now(), action.link, std::vector<rpc::Address>{std::move(name)});
  }
  Status refused = core_.look_up(*this, action.link, action.host, action.port);
  if (!refused.ok()) resolved(core_.now(), action.link, std::move(refused));
}

void Driver::dial(const rpc::Channel::Action& action) {
  Link* const link = new Link(core_, *this, action.link, action.address, user_timeout());
  links_.push_back(link);
  if (Dialer* const dialer = channel_->options().dialer.get()) {
    auto answer = core_.await_host(*this, action.link, LoopCore::Awaited::kConnection,
                                   action.address.to_string());
    if (!answer) return dial_failed(core_.now(), action.link, answer.error());
    return dialer->dial(action.address, DialAnswer(std::move(*answer)));
  }
  Status why;
  Link::Dial dialled = link->dial(core_.loop(), &why);
  if (dialled != Link::Dial::kFailed) {
    why = link->update_poll();
    if (!why.ok()) dialled = Link::Dial::kFailed;
  }
  if (dialled == Link::Dial::kPending) return;
  if (dialled == Link::Dial::kFailed) {
    return dial_failed(core_.now(), action.link, std::move(why));
  }
  channel_->dialed(core_.now(), action.link, Status());
  core_.touch(*this);
}

}  // namespace minim::uv
