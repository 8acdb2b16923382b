// GetSystemInfo, and connecting by it.
#ifndef MINIM_CLIENT_SYSTEM_INFO_H_
#define MINIM_CLIENT_SYSTEM_INFO_H_

#include "client/program_base.h"
#include "minim/client.h"

namespace minim::internal {

class SystemInfoProgram final : public CallProgram {
 public:
  SystemInfoProgram(ContextPtr context, Status bad_input)
      : CallProgram(std::move(context), std::move(bad_input)) {}
  // GetSystemInfo has no namespace.
  std::string_view header_namespace() const override { return {}; }

  ServerInfo info;
  const ContextPtr& shared_context() const { return context_ptr(); }

 private:
  Step resume(Random& random, rpc::Reply* reply) override;
  Step request(Random& random) override;
  Step accept(const std::string& message) override;
};

}  // namespace minim::internal

#endif  // MINIM_CLIENT_SYSTEM_INFO_H_
