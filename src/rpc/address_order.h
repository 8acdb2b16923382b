// In which order the addresses of a name are dialled, and what earlier rounds have taught about
// them. Decides; dials nothing.
#ifndef MINIM_RPC_ADDRESS_ORDER_H_
#define MINIM_RPC_ADDRESS_ORDER_H_

#include <vector>

#include "minim/rpc/target.h"
#include "minim/time.h"

namespace minim::rpc {

// A round tries this many addresses, and a balanced channel keeps this many; a resolver that
// returns more is not followed further.
inline constexpr std::size_t kMaxAddressesPerRound = 16;
// Addresses that are remembered as bad; the oldest remark goes first.
inline constexpr std::size_t kMaxBadAddresses = 64;
// How long: an outage ends, and the resolver's order has its reasons (RFC 6555, 4.1 names ten
// minutes).
inline constexpr Duration kBadAddressMemory = std::chrono::minutes(10);

class AddressOrder {
 public:
  // Families in turn, beginning with the first address's (RFC 8305, 4), and those that lately
  // failed behind all others: they are tried last, but they are tried.
  std::vector<Address> arrange(Time now, std::vector<Address> addresses) const;

  // It could not be connected, or was still silent when one dialled later was ready.
  void note_bad(Time now, const Address& address);
  void note_good(const Address& address);

 private:
  struct Remark {
    Address address;
    Time until;
  };
  bool is_bad(Time now, const Address& address) const;
  std::vector<Remark> bad_;  // in the order of their ends
};

}  // namespace minim::rpc

#endif  // MINIM_RPC_ADDRESS_ORDER_H_
