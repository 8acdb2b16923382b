// The one server of all rows: grpc++ with a completion queue, answering any unary method with the
// bytes of the request, in plaintext and with TLS on loopback. Ends when its standard input does.
//
//   /minim.bench/Hold/N   is answered when N such calls are open
//   /minim.bench/Held     says how many are
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <climits>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "bench/flags.h"

namespace {

class Call;

struct Shared {
  grpc::AsyncGenericService service;
  std::unique_ptr<grpc::ServerCompletionQueue> queue;
  std::vector<Call*> held;
};

class Call {
 public:
  explicit Call(Shared& shared) : shared_(shared), stream_(&context_) {
    shared_.service.RequestCall(&context_, &stream_, shared_.queue.get(), shared_.queue.get(),
                                this);
  }

  void go_on(bool good) {
    switch (step_) {
      case Step::kAccept:
        if (!good) break;  // the server shuts down
        new Call(shared_);
        step_ = Step::kRead;
        stream_.Read(&message_, this);
        return;
      case Step::kRead:
        step_ = Step::kFinish;
        return good ? answer() : stream_.Finish(grpc::Status::OK, this);
      case Step::kFinish:
        break;
    }
    delete this;
  }

 private:
  enum class Step { kAccept, kRead, kFinish };

  void answer() {
    static const std::string kHold = "/minim.bench/Hold/";
    const std::string& path = context_.method();
    if (path == "/minim.bench/Held") {
      const grpc::Slice text(std::to_string(shared_.held.size()));
      message_ = grpc::ByteBuffer(&text, 1);
    } else if (path.starts_with(kHold)) {
      shared_.held.push_back(this);
      if (shared_.held.size() < std::stoul(path.substr(kHold.size()))) return;
      std::vector<Call*> calls;
      calls.swap(shared_.held);
      for (Call* const call : calls) call->echo();
      return;
    }
    echo();
  }

  void echo() { stream_.WriteAndFinish(message_, {}, grpc::Status::OK, this); }

  Shared& shared_;
  grpc::GenericServerContext context_;
  grpc::GenericServerAsyncReaderWriter stream_;
  grpc::ByteBuffer message_;
  Step step_ = Step::kAccept;
};

}  // namespace

// --cert FILE --key FILE: both PEM; without them there is no TLS port.
int main(int count, char** words) {
  const bench::Flags flags(count, words);
  Shared shared;
  grpc::ServerBuilder builder;
  int plain = 0;
  int tls = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &plain);
  if (!flags.text("cert").empty()) {
    grpc::SslServerCredentialsOptions options;
    options.pem_key_cert_pairs.push_back(
        {bench::read_file(flags.text("key")), bench::read_file(flags.text("cert"))});
    builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(options), &tls);
  }
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, INT_MAX);
  builder.RegisterAsyncGenericService(&shared.service);
  shared.queue = builder.AddCompletionQueue();
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;

  for (int i = 0; i < 16; ++i) new Call(shared);
  std::thread worker([&] {
    void* tag = nullptr;
    for (bool good = false; shared.queue->Next(&tag, &good);) static_cast<Call*>(tag)->go_on(good);
  });
  std::printf("plain=%d tls=%d\n", plain, tls);
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  server->Shutdown(std::chrono::system_clock::now());
  shared.queue->Shutdown();
  worker.join();
  return 0;
}
