// Runs a fuzz target over a stored corpus: name [file or directory]... Every input must end in
// time; the one that does not is named.
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr unsigned kSecondsPerInput = 25;

char current_name[4096];  // what a signal handler can still read

void say(const char* text) {
  if (write(STDERR_FILENO, text, std::strlen(text)) < 0) std::_Exit(2);
}

extern "C" void on_signal(int number) {
  say(number == SIGALRM ? "too slow: " : "died on: ");
  say(current_name);
  say("\n");
  std::signal(number, SIG_DFL);
  std::raise(number);
}

}  // namespace

int main(int count, char** arguments) {
  namespace fs = std::filesystem;
  std::vector<fs::path> files;
  for (int i = 1; i < count; ++i) {
    std::error_code error;
    if (fs::is_directory(arguments[i], error)) {
      for (const fs::directory_entry& entry : fs::directory_iterator(arguments[i], error)) {
        if (entry.is_regular_file(error)) files.push_back(entry.path());
      }
    } else {
      files.emplace_back(arguments[i]);
    }
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) {
    // A wrong path would otherwise pass for ever.
    std::fprintf(stderr, "no inputs: give corpus directories or files\n");
    return 1;
  }
  for (const int number : {SIGALRM, SIGABRT, SIGSEGV}) std::signal(number, on_signal);
  for (const fs::path& file : files) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
      std::fprintf(stderr, "cannot read %s\n", file.c_str());
      return 1;
    }
    const std::string input{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    std::snprintf(current_name, sizeof current_name, "%s", file.c_str());
    alarm(kSecondsPerInput);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
    alarm(0);
  }
  std::printf("%zu inputs\n", files.size());
  return 0;
}
