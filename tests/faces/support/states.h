// The states of a client's life, each with what brings it there.
#ifndef MINIM_TESTS_FACES_SUPPORT_STATES_H_
#define MINIM_TESTS_FACES_SUPPORT_STATES_H_

#include <string_view>
#include <vector>

#include "faces/support/stage.h"

namespace minim::test {

struct ClientState {
  std::string_view name;
  void (*reach)(Stage& stage);
};

const std::vector<ClientState>& client_states();

}  // namespace minim::test

#endif  // MINIM_TESTS_FACES_SUPPORT_STATES_H_
