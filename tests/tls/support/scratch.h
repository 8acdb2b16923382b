// A directory that is gone after the test.
#ifndef MINIM_TESTS_TLS_SUPPORT_SCRATCH_H_
#define MINIM_TESTS_TLS_SUPPORT_SCRATCH_H_

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace minim::tls {

class Scratch {
 public:
  Scratch() {
    char name[] = "/tmp/minim_tls_XXXXXX";
    directory_ = mkdtemp(name);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { std::filesystem::remove_all(directory_); }

  std::string path(const std::string& name) const { return (directory_ / name).string(); }
  // Written in place, as careless tools do.
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
    return path(name);
  }
  // As careful tools do.
  void replace(const std::string& name, const std::string& text) const {
    std::filesystem::rename(write(name + ".new", text), path(name));
  }
  std::string read(const std::string& name) const {
    std::stringstream text;
    text << std::ifstream(path(name)).rdbuf();
    return text.str();
  }

 private:
  std::filesystem::path directory_;
};

}  // namespace minim::tls

#endif  // MINIM_TESTS_TLS_SUPPORT_SCRATCH_H_
