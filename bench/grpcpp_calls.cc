// grpc++'s side of the rows about calls: a generic stub and a completion queue on one thread.
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <memory>

#include "bench/workload.h"

namespace {

struct Call {
  grpc::ClientContext context;
  grpc::ByteBuffer reply;
  grpc::Status status;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
  bench::Workload::Clock::time_point started;
};

bool is_echo(grpc::ByteBuffer& reply, const std::string& message) {
  grpc::Slice slice;
  if (!reply.DumpToSingleSlice(&slice).ok() || slice.size() != message.size()) return false;
  return std::equal(slice.begin(), slice.end(),
                    reinterpret_cast<const std::uint8_t*>(message.data()));
}

}  // namespace

int main(int count, char** words) {
  const bench::Flags flags(count, words);
  const auto headers = flags.headers();
  grpc::GenericStub stub(
      grpc::CreateChannel(flags.text("target"), grpc::InsecureChannelCredentials()));
  grpc::CompletionQueue queue;
  bench::Workload work(flags);

  const auto next = [&] {
    auto* const call = new Call;
    for (const auto& [key, value] : headers) call->context.AddMetadata(key, value);
    call->context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    call->started = work.on_start();
    const grpc::Slice slice(work.message);
    call->reader =
        stub.PrepareUnaryCall(&call->context, work.path, grpc::ByteBuffer(&slice, 1), &queue);
    call->reader->StartCall();
    call->reader->Finish(&call->reply, &call->status, call);
  };

  for (std::size_t i = 0; i < work.in_flight; ++i) next();
  void* tag = nullptr;
  for (bool good = false; !work.all_done() && queue.Next(&tag, &good);) {
    const std::unique_ptr<Call> call(static_cast<Call*>(tag));
    work.on_done(call->started, call->status.ok() && is_echo(call->reply, work.message));
    if (!work.all_started()) next();
  }
  return work.report();
}
