// What the operating system says about this process.
#ifndef MINIM_UV_PROCESS_H_
#define MINIM_UV_PROCESS_H_

#include <cstdint>
#include <optional>
#include <string>

namespace minim::uv {

// 64 bits for seeds, from the system's generator. Any thread.
std::uint64_t system_entropy();
// "<pid>@<host name>". Any thread.
std::string process_identity();
// A variable of the environment. Any thread, as long as none changes the environment meanwhile.
std::optional<std::string> process_environment(const char* name);

}  // namespace minim::uv

#endif  // MINIM_UV_PROCESS_H_
