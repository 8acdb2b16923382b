// Values of minim's public types to and from the messages of the lean schema.
//
// to_pb() fills a message that is still empty; from_pb() never fails: what is absent is a default,
// what does not fit a type is clamped.
#ifndef MINIM_SRC_CLIENT_CONVERT_PROTO_H_
#define MINIM_SRC_CLIENT_CONVERT_PROTO_H_

#include <string>

#include "minim/failure.h"
#include "minim/payload.h"
#include "minim/pb/common.pb.h"
#include "minim/pb/payload.pb.h"
#include "minim/priority.h"
#include "minim/retry_policy.h"
#include "minim/search_attributes.h"
#include "minim/time.h"

namespace minim::pb {
class Failure;  // minim/pb/failure.pb.h: only who reads failures links it
}

namespace minim::internal {

void to_pb(Payload payload, pb::Payload& out);
Payload from_pb(const pb::Payload& in);

void to_pb(Payloads payloads, pb::Payloads& out);
Payloads from_pb(const pb::Payloads& in);

// Memo.fields, Header.fields, SearchAttributes.indexed_fields.
using PbPayloadMap = google::protobuf::Map<std::string, pb::Payload>;
void to_pb(PayloadMap payloads, PbPayloadMap& out);
PayloadMap from_pb(const PbPayloadMap& in);

// Both parts carry the sign; clamped to the range of Duration (292 years) on the way in.
void to_pb(Duration duration, pb::Duration& out);
Duration from_pb(const pb::Duration& in);

// `nanos` is never negative; clamped to the range of Datetime on the way in.
void to_pb(Datetime time, pb::Timestamp& out);
Datetime from_pb(const pb::Timestamp& in);

// Checked with validate() before. The maximum interval is always written.
void to_pb(const RetryPolicy& policy, pb::RetryPolicy& out);
RetryPolicy from_pb(const pb::RetryPolicy& in);

// Checked with validate() before.
void to_pb(const Priority& priority, pb::Priority& out);
Priority from_pb(const pb::Priority& in);

// Encoded attributes are put back in their places; the result keeps the serialised message.
Failure from_pb(const pb::Failure& in);

}  // namespace minim::internal

#endif  // MINIM_SRC_CLIENT_CONVERT_PROTO_H_
