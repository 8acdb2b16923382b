#include "sim/ledger.h"

namespace minim::sim {

namespace {

// The least that the waits of RetryOptions and of RESOURCE_EXHAUSTED can be: less their jitter.
constexpr Duration kLeastWait = std::chrono::milliseconds(80);
constexpr Duration kLeastWaitWhenExhausted = std::chrono::milliseconds(800);

}  // namespace

Verdict Verdict::of_status(int grpc_status, const char* pushback) {
  Verdict verdict;
  switch (grpc_status) {
    case 2:   // UNKNOWN
    case 10:  // ABORTED
    case 11:  // OUT_OF_RANGE
    case 13:  // INTERNAL
    case 14:  // UNAVAILABLE
    case 15:  // DATA_LOSS
      verdict = {true, kLeastWait};
      break;
    case 8:  // RESOURCE_EXHAUSTED
      verdict = {true, kLeastWaitWhenExhausted};
      break;
    default:
      return {};
  }
  if (pushback == nullptr) return verdict;
  const std::string_view text = pushback;
  if (text.empty() || text.find_first_not_of("0123456789") != text.npos) return {};
  return {true, std::chrono::milliseconds(std::stol(pushback))};
}

Verdict Verdict::of_reset(std::uint32_t error) {
  switch (error) {
    case 8:  // CANCEL
      return of_status(1);
    case 11:  // ENHANCE_YOUR_CALM
      return of_status(8);
    case 12:  // INADEQUATE_SECURITY
      return of_status(7);
    default:
      return of_status(13);
  }
}

Verdict Verdict::of_http(int status) {
  switch (status) {
    case 401:
      return of_status(16);
    case 403:
      return of_status(7);
    default:  // 404 apart, which a server without gzip might say
      return of_status(14);
  }
}

std::string Ledger::accepted(std::string_view path, Moment sent) {
  Entry& entry = find(path);
  ++entry.accepted;
  const std::string call = std::string(path) + " is taken up ";
  if (entry.max_attempts != 0 && entry.accepted > entry.max_attempts) {
    return call + std::to_string(entry.accepted) + " times, and may be " +
           std::to_string(entry.max_attempts);
  }
  // What was on its way when the answer to a later attempt was read is of an attempt before.
  if (sent.order < entry.answered_at || sent.when >= entry.not_before) return {};
  if (entry.not_before == kNever) return call + "after an answer that is not to be repeated";
  return call + "sooner after an answer than that allows";
}

// One repeat of what was not processed is free, the others count as attempts.
std::string Ledger::refused(std::string_view path) {
  Entry& entry = find(path);
  ++entry.refused;
  if (entry.max_attempts == 0 || entry.accepted + entry.refused <= entry.max_attempts + 1) {
    return {};
  }
  return std::string(path) + " is sent again, refused " + std::to_string(entry.refused) +
         " times and taken up " + std::to_string(entry.accepted) + " times already";
}

void Ledger::answered(std::string_view path, Verdict verdict, Moment read) {
  Entry& entry = find(path);
  if (entry.not_before == kNever) return;
  entry.answered_at = read.order;
  entry.not_before = verdict.may_repeat ? read.when + verdict.least_wait : kNever;
}

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
