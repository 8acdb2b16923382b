// The network, the resolver and the servers of a world.
#include "sim/world.h"

namespace minim::sim {

void World::answer_lookup(LinkId id, std::uint32_t channel) {
  Result<std::vector<rpc::Address>> answer =
      Status(Code::kUnavailable, "no such host", Origin::kTransport);
  if (!happens(plan_.lookup_fails)) {
    std::vector<rpc::Address> addresses;
    const std::uint32_t first = dice_.below(static_cast<std::uint32_t>(plan_.addresses.size()));
    for (std::uint32_t i = 0; i < plan_.addresses.size(); ++i) {
      if (i == 0 || dice_.percent(70)) {
        addresses.push_back(plan_.addresses[(first + i) % plan_.addresses.size()]);
      }
    }
    answer = std::move(addresses);
  }
  note("lookup", channel, answer.has_value());
  channels_[channel]->channel->resolved(now_, id, std::move(answer));
  turn_sometime(channel);
}

void World::answer_dial(Wire& wire, std::size_t index) {
  wire.dialed = true;
  if (wire.is_closed) return;
  Channel& channel = *channels_[wire.channel]->channel;
  if (happens(plan_.dial_refused)) {
    note("refused", index);
    channel.dialed(now_, wire.id,
                   Status(Code::kUnavailable, "connection refused", Origin::kTransport));
    return turn_sometime(wire.channel);
  }
  note("dialed", index);
  wire.is_open = true;
  wire.server = std::make_unique<ServerEnd>(is_calm() ? calm_moods() : plan_.moods, dice_, ledger_);
  if (plan_.has_filter) wire.filter.emplace();
  if (happens(plan_.wire_fault)) {
    schedule(now_ + dice_.millis(0, dice_.percent(50) ? 100 : 20'000), What::kFault, index);
  }
  channel.dialed(now_, wire.id, Status());
  turn_sometime(wire.channel);
}

void World::send_to_server(Wire& wire, std::size_t index, Packet packet) {
  if (wire.is_gone) return;
  packet.sent = this_moment();
  schedule(wire.to_server.send(now_, delay(), std::move(packet)), What::kToServer, index);
}

void World::send_to_client(Wire& wire, std::size_t index, Packet packet) {
  if (wire.is_gone) return;
  schedule(wire.to_client.send(now_, delay(), std::move(packet)), What::kToClient, index);
}

void World::to_server(Wire& wire, std::size_t index) {
  std::optional<Packet> packet = wire.to_server.take(now_);
  if (!packet || wire.server == nullptr) return;
  if (packet->is_end) {
    wire.server.reset();
    return;
  }
  std::string bytes = std::move(packet->bytes);
  if (wire.filter) {
    bytes = (*wire.filter)(bytes);
    if (!wire.welcomed) send_to_client(wire, index, {{}, std::string(test::kFilterWelcome)});
    wire.welcomed = true;
  }
  note("arrives", index, bytes.size());
  wire.server->receive(now_, bytes, packet->sent);
  if (!wire.server->complaint().empty()) {
    return note_problem("the server complains of link " + std::to_string(index) + ": " +
                        wire.server->complaint());
  }
  server_turn(wire, index);
}

void World::server_turn(Wire& wire, std::size_t index) {
  if (wire.server == nullptr) return;
  wire.server->on_time(now_);
  std::string bytes = wire.server->take_output();
  if (!bytes.empty()) {
    if (wire.filter) bytes = test::filter_seal(bytes);
    send_to_client(wire, index,
                   {{}, std::move(bytes), false, false, {}, wire.server->take_answers()});
  }
  if (wire.server->wants_close()) {
    wire.server.reset();
    return send_to_client(wire, index, {{}, {}, true});
  }
  const Time next = wire.server->next_deadline();
  if (next != kNever && next < wire.server_turn) {
    wire.server_turn = std::max(next, now_);
    schedule(wire.server_turn, What::kServer, index);
  }
}

void World::to_client(Wire& wire) {
  std::optional<Packet> packet = wire.to_client.take(now_);
  if (!packet || wire.is_closed || !wire.is_open) return;
  Channel& channel = *channels_[wire.channel]->channel;
  if (packet->is_end) {
    note("ends", static_cast<std::uint64_t>(wire.id), packet->is_reset);
    wire.is_open = false;
    channel.disconnected(now_, wire.id,
                         packet->is_reset ? Status(Code::kUnavailable, "connection reset by peer",
                                                   Origin::kTransport)
                                          : Status());
    return turn_sometime(wire.channel);
  }
  std::string_view bytes = packet->bytes;
  note("reads", static_cast<std::uint64_t>(wire.id), bytes.size());
  if (bytes.size() > 1 && dice_.percent(plan_.cut_read)) {
    const std::size_t cut = 1 + dice_.below(static_cast<std::uint32_t>(bytes.size() - 1));
    channel.receive(now_, wire.id, bytes.substr(0, cut));
    if (dice_.percent(50)) turn(wire.channel);
    if (wire.is_closed) return;
    bytes.remove_prefix(cut);
  }
  channel.receive(now_, wire.id, bytes);
  const Moment read = this_moment();
  for (const Answer& answer : packet->answers) ledger_.answered(answer.path, answer.verdict, read);
  turn_sometime(wire.channel);
}

void World::break_wire(Wire& wire, std::size_t index) {
  if (!wire.is_open || wire.is_gone) return;
  switch (dice_.below(4)) {
    case 0:  // the server's machine says that it knows nothing of it; what is under way may be lost
      note("reset", index);
      if (dice_.percent(50)) wire.to_client.drop();
      send_to_client(wire, index, {{}, {}, true, true});
      if (dice_.percent(50)) return;
      wire.to_server.drop();
      wire.server.reset();
      return;
    case 1:
      note("fin", index);
      wire.server.reset();
      return send_to_client(wire, index, {{}, {}, true});
    case 2:
      note("vanishes", index);
      wire.is_gone = true;
      wire.to_server.drop();
      wire.to_client.drop();
      return;
    case 3:
      note("stalls", index);
      wire.blocked_until = now_ + dice_.millis(0, 5000);
      return schedule(wire.blocked_until, What::kUnblock, index);
  }
}

void World::write(Wire& wire, std::size_t index) {
  Channel& channel = *channels_[wire.channel]->channel;
  while (wire.is_open && !wire.is_closed && wire.blocked_until <= now_) {
    std::string_view bytes = channel.output(wire.id);
    if (bytes.empty()) return;
    const bool is_short = bytes.size() > 1 && dice_.percent(plan_.short_write);
    if (is_short)
      bytes = bytes.substr(0, 1 + dice_.below(static_cast<std::uint32_t>(bytes.size() - 1)));
    send_to_server(wire, index, {{}, std::string(bytes)});
    note("writes", index, bytes.size());
    channel.consume_output(wire.id, bytes.size());
    if (is_short) {
      wire.blocked_until = now_ + dice_.micros(1, 3000);
      return schedule(wire.blocked_until, What::kUnblock, index);
    }
  }
}

}  // namespace minim::sim
