#include "minim/priority.h"

#include "client/convert/error.h"

namespace minim {

Status Priority::validate() const {
  if (!priority_key || *priority_key >= 1) return Status();
  return internal::invalid("priority: priority_key is " + std::to_string(*priority_key) +
                           ", at least 1 allowed");
}

}  // namespace minim
