// A client's own settings, shared by its copies and handles.
#ifndef MINIM_CLIENT_CONTEXT_H_
#define MINIM_CLIENT_CONTEXT_H_

#include <memory>
#include <optional>
#include <string>

#include "client/wire.h"
#include "minim/converter.h"
#include "minim/workflow_types.h"

namespace minim::internal {

struct ClientContext {
  std::shared_ptr<Wire> wire;
  std::string namespace_;
  std::string identity;
  DataConverter converter;
  std::optional<QueryRejectCondition> default_query_reject_condition;
};

}  // namespace minim::internal

#endif  // MINIM_CLIENT_CONTEXT_H_
