#include "tls/support/software_tpm.h"

#include <openssl/pem.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace minim::tls {

namespace {

// As a user would have it: minim does the rest.
constexpr char kConfiguration[] = R"(openssl_conf = init
[init]
providers = list
[list]
default = openssl_provider
tpm2 = tpm2_provider
[openssl_provider]
activate = 1
[tpm2_provider]
activate = 1
)";

void need(bool done, const std::string& what) {
  if (done) return;
  std::fprintf(stderr, "%s failed (scripts/deps test installs swtpm and its tools)\n",
               what.c_str());
  std::abort();
}

// Open before swtpm runs, so that nobody has to wait for it.
int listen_at(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  need(path.size() < sizeof address.sun_path, "a short enough " + path);
  std::memcpy(address.sun_path, path.c_str(), path.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  need(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
           listen(fd, 8) == 0,
       "listening at " + path);
  return fd;
}

}  // namespace

SoftwareTpm::SoftwareTpm() {
  const std::string socket = scratch_.path("tpm");
  const int commands = listen_at(socket), control = listen_at(socket + ".ctrl");
  const std::string state = "dir=" + scratch_.path("");
  const std::string server = "type=unixio,fd=" + std::to_string(commands);
  const std::string controller = "type=unixio,fd=" + std::to_string(control);
  const std::string log = "file=" + scratch_.path("log");
  process_ = fork();
  if (process_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execlp("swtpm", "swtpm", "socket", "--tpm2", "--tpmstate", state.c_str(), "--server",
           server.c_str(), "--ctrl", controller.c_str(), "--log", log.c_str(), "--flags",
           "not-need-init,startup-clear", nullptr);
    _exit(127);
  }
  close(commands);
  close(control);
  setenv("TPM2TOOLS_TCTI", ("swtpm:path=" + socket).c_str(), 1);
  setenv("TPM2OPENSSL_TCTI", ("swtpm:path=" + socket).c_str(), 1);
  setenv("OPENSSL_CONF", scratch_.write("openssl.cnf", kConfiguration).c_str(), 1);
}

SoftwareTpm::~SoftwareTpm() {
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

KeyPtr SoftwareTpm::make_key(const std::string& algorithm, const std::string& handle) const {
  const std::string context = scratch_.path("context"), pem = scratch_.path("public.pem");
  run("tpm2_createprimary -Q -C o -G " + algorithm +
      " -a 'sign|fixedtpm|fixedparent|sensitivedataorigin|userwithauth' -c " + context);
  run("tpm2_evictcontrol -Q -C o -c " + context + " " + handle);
  run("tpm2_flushcontext -t");  // a TPM has room for three
  run("tpm2_readpublic -Q -c " + handle + " -f pem -o " + pem);
  const BioPtr file(BIO_new_file(pem.c_str(), "r"));
  KeyPtr key(PEM_read_bio_PUBKEY(file.get(), nullptr, nullptr, nullptr));
  need(key != nullptr, "reading " + pem);
  return key;
}

void SoftwareTpm::remove_key(const std::string& handle) const {
  run("tpm2_evictcontrol -Q -C o -c " + handle);
}

void SoftwareTpm::run(const std::string& command) const {
  need(std::system(command.c_str()) == 0, command);
}

}  // namespace minim::tls
