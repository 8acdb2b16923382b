# Conversion between the user's values, payloads and the lean schema. Only files here (and the
# operations' own message files) include generated headers.
set(MINIM_CLIENT_CONVERT_SOURCES
  convert/conversion.cc
  convert/error.cc
  convert/failure.cc
  convert/failure_reader.cc
  convert/iso_time.cc
  convert/json_view.cc
  convert/json_writer.cc
  convert/payload.cc
  convert/priority.cc
  convert/proto.cc
  convert/protobuf.cc
  convert/retry_policy.cc
  convert/search_attributes.cc)
