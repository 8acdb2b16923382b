#include "tls/wire.h"

#include <algorithm>
#include <cstring>

namespace minim::tls {

namespace {

Wire& wire_of(BIO* bio) { return *static_cast<Wire*>(BIO_get_data(bio)); }

int read_bytes(BIO* bio, char* to, std::size_t size, std::size_t* read) {
  BIO_clear_retry_flags(bio);
  std::string_view& in = wire_of(bio).in;
  *read = std::min(size, in.size());
  if (*read == 0) {
    // Never an end of file: the filter knows of it first and has the better words for it.
    BIO_set_retry_read(bio);
    return 0;
  }
  std::memcpy(to, in.data(), *read);
  in.remove_prefix(*read);
  return 1;
}

int write_bytes(BIO* bio, const char* from, std::size_t size, std::size_t* written) {
  BIO_clear_retry_flags(bio);
  wire_of(bio).out.append({from, size});
  *written = size;
  return 1;
}

long control(BIO*, int command, long, void*) {
  // Flushing is what SSL insists on; all else (kernel TLS, sizes, EOF) does not apply.
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

}  // namespace

BioMethodPtr make_wire_method() {
  // A type without an index of its own: indices are few, process-wide and never given back.
  BioMethodPtr method(BIO_meth_new(BIO_TYPE_SOURCE_SINK, "minim"));
  if (method == nullptr) return method;
  BIO_meth_set_read_ex(method.get(), read_bytes);
  BIO_meth_set_write_ex(method.get(), write_bytes);
  BIO_meth_set_ctrl(method.get(), control);
  return method;
}

BioPtr make_wire_bio(const BIO_METHOD* method, Wire* wire) {
  BioPtr bio(BIO_new(method));
  if (bio == nullptr) return bio;
  BIO_set_data(bio.get(), wire);
  BIO_set_init(bio.get(), 1);
  return bio;
}

}  // namespace minim::tls
