#include <openssl/store.h>
#include <openssl/ui.h>

#include <cstring>
#include <string_view>
#include <utility>

#include "minim/tls_key_store.h"
#include "tls/certificate_text.h"
#include "tls/private_key.h"
#include "tls/provider_key.h"

namespace minim {

namespace {

using StorePtr = std::unique_ptr<OSSL_STORE_CTX, tls::Free<OSSL_STORE_close>>;
using InfoPtr = std::unique_ptr<OSSL_STORE_INFO, tls::Free<OSSL_STORE_INFO_free>>;
using UiMethodPtr = std::unique_ptr<UI_METHOD, tls::Free<UI_destroy_method>>;

// Things behind one URI that are looked through for a key.
constexpr int kMaxObjects = 64;

class StoredKey final : public TlsKey {
 public:
  explicit StoredKey(tls::KeyPtr key) : key_(std::move(key)) {}
  EVP_PKEY* key() const override { return key_.get(); }

 private:
  const tls::KeyPtr key_;
};

// OpenSSL's own would ask on the terminal.
int refuse_passphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

tls::KeyPtr first_key(OSSL_STORE_CTX* store) {
  for (int i = 0; i < kMaxObjects && OSSL_STORE_eof(store) != 1; ++i) {
    const InfoPtr info(OSSL_STORE_load(store));
    if (info != nullptr && OSSL_STORE_INFO_get_type(info.get()) == OSSL_STORE_INFO_PKEY) {
      return tls::KeyPtr(OSSL_STORE_INFO_get1_PKEY(info.get()));
    }
  }
  return nullptr;
}

Status refused(std::string_view uri, const std::string& why) {
  // The query of a PKCS#11 URI (RFC 7512) may have the PIN.
  return Status(Code::kFailedPrecondition,
                "key store " + tls::printable(uri.substr(0, uri.find('?'))) + ": " + why);
}

bool names_file(std::string_view uri) {
  return uri.starts_with("file:") || uri.find(':') == uri.npos;
}

// OpenSSL tries every URI as a file's name as well, so that there are two complaints.
std::string reason(std::string_view uri) {
  const bool is_file = names_file(uri);
  while (const unsigned long error = ERR_get_error()) {
    if (is_file && ERR_SYSTEM_ERROR(error)) return std::strerror(ERR_GET_REASON(error));
    const char* const text = ERR_reason_error_string(error);
    if (!is_file && text != nullptr) return text;
  }
  return "OpenSSL gives no reason";
}

}  // namespace

Result<std::shared_ptr<const TlsKey>> tls_key_from_store(const std::string& uri) {
  const tls::CleanErrorQueue clean;
  const std::lock_guard lock(tls::device_mutex());
  bool asked = false;
  const UiMethodPtr ui(UI_UTIL_wrap_read_pem_callback(refuse_passphrase, 0));
  const StorePtr store(OSSL_STORE_open(uri.c_str(), ui.get(), &asked, nullptr, nullptr));
  if (store == nullptr) {
    const std::string why = "it cannot be opened (" + reason(uri) + ")";
    if (names_file(uri)) return refused(uri, why);
    return refused(uri, why + "; does OpenSSL's configuration load the provider of its scheme");
  }
  OSSL_STORE_expect(store.get(), OSSL_STORE_INFO_PKEY);
  tls::KeyPtr key = first_key(store.get());
  if (asked) return refused(uri, "a passphrase or PIN is wanted, and the URI has none");
  if (key == nullptr) {
    return refused(uri, ERR_peek_error() == 0 ? "there is no private key in it"
                                              : "no private key can be read (" + reason(uri) + ")");
  }
  if (std::shared_ptr<const TlsKey> signing = tls::provider_key(key.get())) return signing;
  return std::shared_ptr<const TlsKey>(std::make_shared<StoredKey>(std::move(key)));
}

}  // namespace minim
