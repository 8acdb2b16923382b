// Observations as lines of text.
#include <string>

#include "minim/observer.h"
#include "rpc/texts.h"

namespace minim {

namespace {

std::string_view cause_text(Observation::CloseCause cause) {
  switch (cause) {
    case Observation::CloseCause::kLocal:
      return "closed by us";
    case Observation::CloseCause::kDrained:
      return "closed after GOAWAY";
    case Observation::CloseCause::kLost:
      break;
  }
  return "lost";
}

void append_status(std::string& text, const Status& status) {
  if (!status.ok()) text.append(": ").append(status.to_string());
}

std::string attempt_text(const Observation& what) {
  std::string text = what.path + " attempt " + std::to_string(what.attempt);
  text.append(": ").append(what.status.to_string());
  text.append(" after ").append(rpc::duration_text(what.took));
  if (what.queued > Duration()) {
    text.append(" (").append(rpc::duration_text(what.queued)).append(" for a free stream)");
  }
  text.append(", ").append(std::to_string(what.request_bytes)).append(" bytes sent, ");
  return text.append(std::to_string(what.response_bytes)).append(" received");
}

}  // namespace

std::string to_string(const Observation& what) {
  const std::string connection = "connection " + std::to_string(what.connection);
  std::string text;
  switch (what.kind) {
    case Observation::Kind::kState:
      text.append("channel ").append(rpc::channel_state_name(what.state));
      append_status(text, what.status);
      break;
    case Observation::Kind::kConnectFailed:
      text = "no connection to " + what.address;
      append_status(text, what.status);
      break;
    case Observation::Kind::kConnectionOpened:
      text = connection + " to " + what.address + " ready";
      if (what.took > Duration()) text += " after " + rpc::duration_text(what.took);
      break;
    case Observation::Kind::kConnectionClosed:
      text = connection + " to " + what.address + " ";
      text.append(cause_text(what.close_cause));
      append_status(text, what.status);
      break;
    case Observation::Kind::kGoaway:
      text = connection + ": " + std::string(what.status.message());
      break;
    case Observation::Kind::kReset:
      text = connection + ": " + what.path + " got " + std::string(what.status.message());
      break;
    case Observation::Kind::kPingSent:
      text = connection + ": PING sent";
      break;
    case Observation::Kind::kPingAnswered:
      text = connection + ": PING answered after " + rpc::duration_text(what.took);
      break;
    case Observation::Kind::kPingTimedOut:
      text = connection + ": PING not answered within " + rpc::duration_text(what.took);
      break;
    case Observation::Kind::kAttemptEnded:
      text = attempt_text(what);
      break;
    case Observation::Kind::kRetry:
      text = what.path + " is repeated ";
      text += what.wait > Duration() ? "in " + rpc::duration_text(what.wait) : "at once";
      append_status(text, what.status);
      break;
    case Observation::Kind::kCallEnded:
      text = what.path + ": " + what.status.to_string() + " after " +
             rpc::duration_text(what.took) + ", " + std::to_string(what.attempt) +
             (what.attempt == 1 ? " attempt" : " attempts");
      break;
    case Observation::Kind::kTraffic:
      text = std::to_string(what.received_bytes) + " bytes received, " +
             std::to_string(what.sent_bytes) + " sent";
      break;
  }
  return text;
}

}  // namespace minim
