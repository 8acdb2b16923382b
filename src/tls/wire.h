// The network side of one SSL object: a BIO that reads from a borrowed view and appends to a queue.
//
// BIO_s_mem would copy what it is given and keep its largest block for life; here ciphertext is
// decrypted out of the driver's own buffer and an idle connection holds nothing.
#ifndef MINIM_TLS_WIRE_H_
#define MINIM_TLS_WIRE_H_

#include <string_view>

#include "tls/byte_queue.h"
#include "tls/openssl_ptr.h"

namespace minim::tls {

struct Wire {
  std::string_view in;  // unread rest of what receive() was given; empty between calls
  ByteQueue out;
};

// Null only when memory is short. The method must outlive its BIOs.
BioMethodPtr make_wire_method();
// `wire` must outlive the BIO.
BioPtr make_wire_bio(const BIO_METHOD* method, Wire* wire);

}  // namespace minim::tls

#endif  // MINIM_TLS_WIRE_H_
