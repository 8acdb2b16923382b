// A testbed process: a real Temporal server with fixture workflows (tests/testbed/README.md), and
// its control port.
#ifndef MINIM_TESTS_TEMPORAL_SUPPORT_TESTBED_H_
#define MINIM_TESTS_TEMPORAL_SUPPORT_TESTBED_H_

#include <sys/types.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace minim::testing {

using Json = nlohmann::json;

class Testbed {
 public:
  // Starts the program that MINIM_TESTBED names (else out/testbed of the source tree) and waits for
  // its ready line. problem() says why there is none.
  explicit Testbed(std::vector<std::string> flags = {});
  Testbed(const Testbed&) = delete;
  Testbed& operator=(const Testbed&) = delete;
  ~Testbed();  // its standard input ends, and so it does

  // The one that the whole suite shares.
  static Testbed& shared();

  const std::string& problem() const { return problem_; }
  // A value of the ready line: "address", "tls", "certDir" ...
  std::string operator[](const std::string& key) const { return ready_.value(key, ""); }
  // The text of certDir/NAME.
  std::string file(const std::string& name) const;

  Json get(const std::string& path) const { return ask("GET", path, ""); }
  Json post(const std::string& path, const Json& body = Json::object()) const {
    return ask("POST", path, body.dump());
  }

  // What the server saw of a method since the last reset(), oldest first.
  Json calls(const std::string& method) const { return get("/calls?method=" + method)["calls"]; }
  // The newest of them; an empty object if there is none.
  Json last_call(const std::string& method) const;
  void reset() const { post("/reset"); }
  // The next `times` calls of a method fail so.
  void fail(const Json& fault) const { post("/fail", fault); }

 private:
  Json ask(const std::string& verb, const std::string& path, const std::string& body) const;

  std::string problem_;
  Json ready_;
  pid_t process_ = -1;
  int input_ = -1;
};

}  // namespace minim::testing

#endif  // MINIM_TESTS_TEMPORAL_SUPPORT_TESTBED_H_
