#include "sim/ledger.h"

namespace minim::sim {

Ledger::Entry& Ledger::find(std::string_view path) {
  const auto found = entries_.find(path);
  return found != entries_.end() ? found->second : entries_[std::string(path)];
}

std::uint32_t Ledger::accepted_count(std::string_view path) const {
  const auto found = entries_.find(path);
  return found == entries_.end() ? 0 : found->second.accepted;
}

std::string Ledger::contradiction(std::string_view path, const rpc::Reply& reply) const {
  const std::uint32_t accepted = accepted_count(path);
  if (reply.status.ok() && accepted == 0) return "OK, and no server has seen the call";
  if (reply.status.origin() == Origin::kServer && !reply.status.ok() && accepted == 0) {
    return "a server's error, and no server has seen the call";
  }
  return {};
}

std::string Ledger::contradiction_at_end(std::string_view path, const rpc::Reply& reply) const {
  const std::uint32_t accepted = accepted_count(path);
  if (accepted > reply.attempts) {
    return "taken up " + std::to_string(accepted) + " times in " + std::to_string(reply.attempts) +
           " attempts";
  }
  // With several attempts, an earlier one may have got further than the last.
  if (reply.attempts == 1 && !reply.status.ok() && accepted > 0) {
    if (reply.progress != rpc::Progress::kSent) return "said to be unprocessed, and was taken up";
    if (!reply.status.may_have_reached_server()) return "said not to have reached a server";
  }
  return {};
}

std::string Ledger::answer_to(std::string_view path, std::size_t message_bytes, bool coded) {
  return "re: " + std::string(path) + " " + (coded ? "coded" : std::to_string(message_bytes));
}

}  // namespace minim::sim
