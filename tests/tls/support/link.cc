#include "tls/support/link.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace minim::tls {

TlsOptions trusting() {
  TlsOptions options;
  options.root_certificates = family().root.certificate_pem;
  return options;
}

Link::Link(const TlsOptions& options, const ServerSpec& server, const std::string& host,
           std::size_t chunk_bytes)
    : factory_(make_tls(options).value()), server_(server), chunk_bytes_(chunk_bytes) {
  check("make_tls");
  filter_ = factory_->open(host).value();
  check("open");
}

Link::Link(std::shared_ptr<FilterFactory> factory, const ServerSpec& server,
           const ServerEnd* same_server, const std::string& host)
    : factory_(std::move(factory)), server_(server, same_server), chunk_bytes_(kWhole) {
  filter_ = factory_->open(host).value();
  check("open");
}

void Link::check(const char* after) {
  EXPECT_EQ(ERR_peek_error(), 0u) << after << " left an error in the queue";
  ERR_clear_error();
}

void Link::run() {
  bool moved = true;
  while (moved) {
    moved = client_to_server();
    if (server_to_client()) moved = true;
  }
}

bool Link::client_to_server() {
  const std::string bytes(filter_->output());
  filter_->consume_output(bytes.size());
  check("consume_output");
  if (bytes.empty()) return false;
  server_.receive(bytes);
  return true;
}

bool Link::server_to_client() {
  const std::string bytes = server_.take_output();
  receive(bytes);
  return !bytes.empty();
}

void Link::receive(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t size = std::min(chunk_bytes_, bytes.size());
    // A copy of its own, so that a sanitizer sees every read beyond the chunk.
    const std::string chunk(bytes.substr(0, size));
    filter_->receive(chunk);
    check("receive");
    bytes.remove_prefix(size);
  }
}

void Link::receive_end() {
  filter_->receive_end();
  check("receive_end");
}

void Link::send(std::string_view plain) {
  filter_->send(plain);
  check("send");
}

void Link::close() {
  filter_->close();
  check("close");
}

std::string Link::take_plain() {
  std::string bytes(filter_->plain());
  filter_->consume_plain(bytes.size());
  check("consume_plain");
  return bytes;
}

}  // namespace minim::tls
