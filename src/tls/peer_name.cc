#include "tls/peer_name.h"

#include <openssl/asn1.h>
#include <openssl/x509v3.h>

#include <memory>

namespace minim::tls {

namespace {

using AddressPtr = std::unique_ptr<ASN1_OCTET_STRING, Free<ASN1_OCTET_STRING_free>>;

AddressPtr parse_address(const std::string& name) {
  const CleanErrorQueue clean;
  return AddressPtr(a2i_IPADDRESS(name.c_str()));
}

// Certificates and SNI (RFC 6066, 3) know names without the root's dot, and addresses without
// brackets and without the zone, which means something on this machine only.
std::string bare(std::string_view name) {
  if (name.size() > 2 && name.front() == '[' && name.back() == ']') {
    name = name.substr(1, name.size() - 2);
  }
  const std::size_t zone = name.find('%');
  if (zone != name.npos && name.find(':') < zone) name = name.substr(0, zone);
  if (name.size() > 1 && name.back() == '.') name.remove_suffix(1);
  return std::string(name);
}

}  // namespace

PeerName peer_name(std::string_view host, std::string_view server_name,
                   std::string_view verification_server_name) {
  if (host.empty() || host.find('/') != host.npos) host = "localhost";
  PeerName name;
  name.sent = bare(server_name.empty() ? host : server_name);
  name.verified = verification_server_name.empty() ? name.sent : bare(verification_server_name);
  return name;
}

bool is_address(const std::string& name) { return parse_address(name) != nullptr; }

std::string name_problem(std::string_view name) {
  if (name.empty()) return {};
  const std::string text = bare(name);
  if (text.size() > 255) return "it is longer than 255 bytes";
  for (const char c : text) {
    if (c <= ' ' || c > '~') return "it has bytes that are in no name: spaces, controls, non-ASCII";
  }
  if (text.find('/') != text.npos) return "it is a host name or an address that is wanted";
  if (text.find(':') != text.npos && !is_address(text)) return "it must not have a port";
  return {};
}

bool set_peer_name(SSL* ssl, const PeerName& name) {
  const CleanErrorQueue clean;
  // RFC 6066, 3 forbids addresses in SNI, and some servers close on them.
  if (!is_address(name.sent) && SSL_set_tlsext_host_name(ssl, name.sent.c_str()) != 1) return false;
  X509_VERIFY_PARAM* const param = SSL_get0_param(ssl);
  // As everywhere today: the common name is no host name, and "f*.example" is no wildcard.
  X509_VERIFY_PARAM_set_hostflags(
      param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  // An address is looked for among the certificate's addresses; as a host name it never matches.
  if (const AddressPtr address = parse_address(name.verified)) {
    return X509_VERIFY_PARAM_set1_ip(param, ASN1_STRING_get0_data(address.get()),
                                     static_cast<std::size_t>(ASN1_STRING_length(address.get()))) ==
           1;
  }
  return X509_VERIFY_PARAM_set1_host(param, name.verified.data(), name.verified.size()) == 1;
}

}  // namespace minim::tls
