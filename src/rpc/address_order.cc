#include "rpc/address_order.h"

#include <algorithm>
#include <iterator>

namespace minim::rpc {

namespace {

bool is_v6(const Address& address) { return address.host.find(':') != std::string::npos; }

std::vector<Address> interleaved(std::vector<Address> addresses) {
  const bool first_v6 = is_v6(addresses.front());
  const auto middle =
      std::stable_partition(addresses.begin(), addresses.end(),
                            [&](const Address& address) { return is_v6(address) == first_v6; });
  std::vector<Address> mixed;
  auto preferred = addresses.begin();
  auto other = middle;
  while (preferred != middle || other != addresses.end()) {
    if (preferred != middle) mixed.push_back(std::move(*preferred++));
    if (other != addresses.end()) mixed.push_back(std::move(*other++));
  }
  return mixed;
}

}  // namespace

std::vector<Address> AddressOrder::arrange(Time now, std::vector<Address> addresses) const {
  if (addresses.empty()) return addresses;
  std::vector<Address> order = interleaved(std::move(addresses));
  std::stable_partition(order.begin(), order.end(),
                        [&](const Address& address) { return !is_bad(now, address); });
  // Only now: of a long list whose first part is dead, the next round tries the rest.
  if (order.size() > kMaxAddressesPerRound) order.resize(kMaxAddressesPerRound);
  return order;
}

bool AddressOrder::is_bad(Time now, const Address& address) const {
  return std::any_of(bad_.begin(), bad_.end(), [&](const Remark& remark) {
    return remark.until > now && remark.address == address;
  });
}

void AddressOrder::note_bad(Time now, const Address& address) {
  note_good(address);
  if (bad_.size() == kMaxBadAddresses) bad_.erase(bad_.begin());
  bad_.push_back({address, add_clamped(now, kBadAddressMemory)});
}

void AddressOrder::note_good(const Address& address) {
  std::erase_if(bad_, [&](const Remark& remark) { return remark.address == address; });
}

}  // namespace minim::rpc
