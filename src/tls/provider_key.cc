#include "tls/provider_key.h"

#include <openssl/provider.h>
#include <openssl/rsa.h>

#include <string>
#include <utility>

#include "minim/tls_signing_key.h"
#include "tls/signing_provider.h"

namespace minim::tls {

namespace {

using DigestContextPtr = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using KeyManagerPtr = std::unique_ptr<EVP_KEYMGMT, Free<EVP_KEYMGMT_free>>;
using ParametersPtr = std::unique_ptr<OSSL_PARAM, Free<OSSL_PARAM_free>>;

// The provider's name if it is not the one that OpenSSL prefers for such keys.
const char* other_provider(EVP_PKEY* key) {
  const OSSL_PROVIDER* const own = EVP_PKEY_get0_provider(key);
  if (own == nullptr) return nullptr;
  const KeyManagerPtr preferred(EVP_KEYMGMT_fetch(nullptr, EVP_PKEY_get0_type_name(key), nullptr));
  const bool is_other = preferred != nullptr && EVP_KEYMGMT_get0_provider(preferred.get()) != own;
  return is_other ? OSSL_PROVIDER_get0_name(own) : nullptr;
}

// A copy that OpenSSL's own code can read.
KeyPtr public_part(EVP_PKEY* key) {
  OSSL_PARAM* exported = nullptr;
  if (EVP_PKEY_todata(key, EVP_PKEY_PUBLIC_KEY, &exported) != 1) return nullptr;
  const ParametersPtr parameters(exported);
  const KeyContextPtr context(
      EVP_PKEY_CTX_new_from_name(nullptr, EVP_PKEY_get0_type_name(key), nullptr));
  EVP_PKEY* made = nullptr;
  if (context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1) return nullptr;
  if (EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, exported) != 1) return nullptr;
  return KeyPtr(made);
}

class ProviderSigner {
 public:
  ProviderSigner(EVP_PKEY* key, const std::string& provider)
      : key_(key), properties_("?provider=" + provider) {
    EVP_PKEY_up_ref(key);
  }

  Result<std::string> sign(const TlsSigning& what) {
    const std::lock_guard lock(device_mutex());
    const DigestContextPtr context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* details = nullptr;  // of `context`
    const std::string hash(what.hash);
    if (context == nullptr ||
        EVP_DigestSignInit_ex(context.get(), &details, hash.empty() ? nullptr : hash.c_str(),
                              nullptr, properties_.c_str(), key_.get(), nullptr) != 1) {
      return failure();
    }
    if (what.padding == TlsPadding::kPss &&
        (EVP_PKEY_CTX_set_rsa_padding(details, RSA_PKCS1_PSS_PADDING) != 1 ||
         EVP_PKEY_CTX_set_rsa_pss_saltlen(details, RSA_PSS_SALTLEN_DIGEST) != 1)) {
      return failure();
    }
    const auto* const message = reinterpret_cast<const unsigned char*>(what.message.data());
    std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
    std::size_t size = signature.size();
    if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       message, what.message.size()) != 1) {
      return failure();
    }
    signature.resize(size);
    return signature;
  }

 private:
  static Status failure() {
    const char* details = nullptr;
    int flags = 0;
    const unsigned long error = ERR_peek_last_error_data(&details, &flags);
    const char* const reason = ERR_reason_error_string(error);
    std::string text(reason != nullptr ? reason : "OpenSSL gives no reason");
    if ((flags & ERR_TXT_STRING) != 0 && *details != '\0') text.append(": ").append(details);
    return Status(Code::kInternal, std::move(text));
  }

  const KeyPtr key_;
  const std::string properties_;
};

}  // namespace

std::mutex& device_mutex() {
  static std::mutex the_mutex;
  return the_mutex;
}

std::shared_ptr<const TlsKey> provider_key(EVP_PKEY* key) {
  const char* const provider = other_provider(key);
  if (provider == nullptr) return nullptr;
  KeyPtr readable = public_part(key);
  if (readable == nullptr) return nullptr;
  const auto signer = std::make_shared<ProviderSigner>(key, provider);
  const auto made = std::make_shared<SigningKey>(
      std::move(readable), [signer](const TlsSigning& what) { return signer->sign(what); });
  return made->load() ? made : nullptr;
}

}  // namespace minim::tls
