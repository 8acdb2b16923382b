#include "tls/signing_provider.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/objects.h>
#include <openssl/params.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "tls/certificate_text.h"
#include "tls/signer_error.h"

namespace minim::tls {

namespace {

constexpr char kProvider[] = "minim-signing";
constexpr char kProperties[] = "provider=minim-signing";
constexpr char kKeyParameter[] = "minim-signing-key";
constexpr char kRsa[] = "RSA";
constexpr char kEc[] = "EC";
constexpr char kEcdsa[] = "ECDSA";
constexpr char kEd25519[] = "ED25519";
constexpr char kEd448[] = "ED448";

using PkeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using DigestPtr = std::unique_ptr<EVP_MD, Free<EVP_MD_free>>;

// What OpenSSL calls a key: ours, or a public one that is to be compared with it.
struct KeyData {
  const char* type;
  const SigningKey* key = nullptr;
  KeyPtr other;

  EVP_PKEY* public_key() const { return key != nullptr ? key->public_key() : other.get(); }
};

KeyData* data_of(const void* key) { return static_cast<KeyData*>(const_cast<void*>(key)); }

// --- the key manager; parameters and comparisons are passed on to the public key

template <const char* kType>
void* new_key(void*) {
  return new KeyData{kType, nullptr, nullptr};
}
void free_key(void* key) { delete data_of(key); }

int has(const void* key, int selection) {
  if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) == 0) return 1;
  return data_of(key)->key != nullptr ? 1 : 0;
}

int match(const void* one, const void* other, int) {
  return EVP_PKEY_eq(data_of(one)->public_key(), data_of(other)->public_key()) == 1 ? 1 : 0;
}

int import_key(void* key, int, const OSSL_PARAM* parameters) {
  KeyData& data = *data_of(key);
  if (const OSSL_PARAM* ours = OSSL_PARAM_locate_const(parameters, kKeyParameter)) {
    const void* object = nullptr;
    std::size_t size = 0;
    if (OSSL_PARAM_get_octet_ptr(ours, &object, &size) != 1) return 0;
    data.key = static_cast<const SigningKey*>(object);
    return 1;
  }
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, data.type, nullptr));
  EVP_PKEY* made = nullptr;
  if (context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY,
                        const_cast<OSSL_PARAM*>(parameters)) != 1) {
    return 0;
  }
  data.other.reset(made);
  return 1;
}

const OSSL_PARAM* import_types(int) {
  static const OSSL_PARAM kTypes[] = {OSSL_PARAM_octet_ptr(kKeyParameter, nullptr, 0),
                                      OSSL_PARAM_END};
  return kTypes;
}

// Only the public part: were there more to be had, OpenSSL would sign with a copy of its own.
int export_key(void* key, int selection, OSSL_CALLBACK* take, void* taker) {
  if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0) return 0;
  return EVP_PKEY_export(data_of(key)->public_key(), selection, take, taker);
}

const OSSL_PARAM* export_types(int) {
  static const OSSL_PARAM kTypes[] = {OSSL_PARAM_END};
  return kTypes;
}

int get_key_params(void* key, OSSL_PARAM* parameters) {
  EVP_PKEY* const public_key = data_of(key)->public_key();
  return public_key == nullptr ? 0 : EVP_PKEY_get_params(public_key, parameters);
}

template <const char* kType>
const OSSL_PARAM* gettable_key_params(void*) {
  static const OSSL_PARAM kTypes[] = {
      OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, nullptr),
      OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, nullptr),
      OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, nullptr),
      OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, nullptr, 0), OSSL_PARAM_END};
  return kTypes;
}

const char* ec_operation_name(int) { return kEcdsa; }

// --- the signature

struct Signing {
  const SigningKey* key = nullptr;
  DigestPtr digest;
  TlsPadding padding = TlsPadding::kNone;
};

Signing& signing_of(void* context) { return *static_cast<Signing*>(context); }

void* new_signing(void*, const char*) { return new Signing; }
void free_signing(void* context) { delete &signing_of(context); }

int set_signing_params(void* context, const OSSL_PARAM* parameters) {
  if (parameters == nullptr) return 1;
  const OSSL_PARAM* const mode = OSSL_PARAM_locate_const(parameters, OSSL_SIGNATURE_PARAM_PAD_MODE);
  if (mode == nullptr) return 1;  // the salt is as long as the hash: TLS knows nothing else
  bool is_pss = false;
  if (mode->data_type == OSSL_PARAM_UTF8_STRING) {
    const std::string_view name(static_cast<const char*>(mode->data), mode->data_size);
    is_pss = name.starts_with(OSSL_PKEY_RSA_PAD_MODE_PSS);
  } else {
    int number = 0;
    if (OSSL_PARAM_get_int(mode, &number) != 1) return 0;
    is_pss = number == RSA_PKCS1_PSS_PADDING;
  }
  signing_of(context).padding = is_pss ? TlsPadding::kPss : TlsPadding::kPkcs1;
  return 1;
}

const OSSL_PARAM* settable_signing_params(void*, void*) {
  static const OSSL_PARAM kTypes[] = {
      OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, nullptr, 0),
      OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, nullptr, 0), OSSL_PARAM_END};
  return kTypes;
}

int start_signing(void* context, const char* digest, void* key, const OSSL_PARAM* parameters) {
  Signing& signing = signing_of(context);
  const KeyData& data = *data_of(key);
  signing.key = data.key;
  signing.padding = std::string_view(data.type) == kRsa ? TlsPadding::kPkcs1 : TlsPadding::kNone;
  if (digest != nullptr && *digest != '\0') {
    signing.digest.reset(EVP_MD_fetch(nullptr, digest, nullptr));
    if (signing.digest == nullptr) return 0;
  }
  return set_signing_params(context, parameters);
}

// A text of the host's, for the failure of the handshake.
int raise(const std::string& text) {
  ERR_raise_data(ERR_LIB_USER, kSignerReason, "%s", text.c_str());
  return 0;
}

int sign(void* context, unsigned char* to, std::size_t* size, std::size_t room,
         const unsigned char* message, std::size_t message_size) {
  const Signing& signing = signing_of(context);
  const std::size_t most = static_cast<std::size_t>(EVP_PKEY_get_size(signing.key->public_key()));
  if (to == nullptr) {
    *size = most;
    return 1;
  }
  TlsSigning what;
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned int hash_size = 0;
  what.message = {reinterpret_cast<const char*>(message), message_size};
  what.padding = signing.padding;
  if (signing.digest != nullptr) {
    if (EVP_Digest(message, message_size, hash, &hash_size, signing.digest.get(), nullptr) != 1) {
      return 0;
    }
    what.hash = OBJ_nid2sn(EVP_MD_get_type(signing.digest.get()));
    what.digest = {reinterpret_cast<const char*>(hash), hash_size};
  }
  // The host may use OpenSSL to sign: what it leaves behind is none of the handshake's errors.
  ERR_set_mark();
  const Result<std::string> signature = signing.key->sign(what);
  ERR_pop_to_mark();
  if (!signature) return raise(printable(signature.error().message()));
  if (signature->empty() || signature->size() > std::min(most, room)) {
    return raise("it returned " + std::to_string(signature->size()) + " bytes, between 1 and " +
                 std::to_string(std::min(most, room)) + " are possible");
  }
  std::memcpy(to, signature->data(), signature->size());
  *size = signature->size();
  return 1;
}

// --- the provider

template <class F>
OSSL_DISPATCH entry(int id, F* function) {
  return {id, reinterpret_cast<void (*)()>(function)};
}

template <const char* kType>
const OSSL_DISPATCH* key_manager() {
  static const OSSL_DISPATCH kTable[] = {
      entry(OSSL_FUNC_KEYMGMT_NEW, new_key<kType>),
      entry(OSSL_FUNC_KEYMGMT_FREE, free_key),
      entry(OSSL_FUNC_KEYMGMT_HAS, has),
      entry(OSSL_FUNC_KEYMGMT_MATCH, match),
      entry(OSSL_FUNC_KEYMGMT_IMPORT, import_key),
      entry(OSSL_FUNC_KEYMGMT_IMPORT_TYPES, import_types),
      entry(OSSL_FUNC_KEYMGMT_EXPORT, export_key),
      entry(OSSL_FUNC_KEYMGMT_EXPORT_TYPES, export_types),
      entry(OSSL_FUNC_KEYMGMT_GET_PARAMS, get_key_params),
      entry(OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, gettable_key_params<kType>),
      // Of the others OpenSSL takes the key's own name.
      std::string_view(kType) == kEc
          ? entry(OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, ec_operation_name)
          : OSSL_DISPATCH{0, nullptr},
      {0, nullptr}};
  return kTable;
}

const OSSL_ALGORITHM* query(void*, int operation, int* no_cache) {
  static const OSSL_DISPATCH kSignature[] = {
      entry(OSSL_FUNC_SIGNATURE_NEWCTX, new_signing),
      entry(OSSL_FUNC_SIGNATURE_FREECTX, free_signing),
      entry(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, start_signing),
      entry(OSSL_FUNC_SIGNATURE_DIGEST_SIGN, sign),
      entry(OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, set_signing_params),
      entry(OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, settable_signing_params),
      {0, nullptr}};
  static const OSSL_ALGORITHM kSignatures[] = {{kRsa, kProperties, kSignature, nullptr},
                                               {kEcdsa, kProperties, kSignature, nullptr},
                                               {kEd25519, kProperties, kSignature, nullptr},
                                               {kEd448, kProperties, kSignature, nullptr},
                                               {nullptr, nullptr, nullptr, nullptr}};
  static const OSSL_ALGORITHM kKeys[] = {{kRsa, kProperties, key_manager<kRsa>(), nullptr},
                                         {kEc, kProperties, key_manager<kEc>(), nullptr},
                                         {kEd25519, kProperties, key_manager<kEd25519>(), nullptr},
                                         {kEd448, kProperties, key_manager<kEd448>(), nullptr},
                                         {nullptr, nullptr, nullptr, nullptr}};
  *no_cache = 0;
  if (operation == OSSL_OP_KEYMGMT) return kKeys;
  return operation == OSSL_OP_SIGNATURE ? kSignatures : nullptr;
}

int start_provider(const OSSL_CORE_HANDLE*, const OSSL_DISPATCH*, const OSSL_DISPATCH** functions,
                   void** context) {
  static const OSSL_DISPATCH kFunctions[] = {entry(OSSL_FUNC_PROVIDER_QUERY_OPERATION, query),
                                             {0, nullptr}};
  *functions = kFunctions;
  *context = const_cast<char*>(kProvider);  // anything that is not null
  return 1;
}

}  // namespace

SigningKey::SigningKey(KeyPtr public_key, TlsSigner signer)
    : public_key_(std::move(public_key)), signer_(std::move(signer)) {}

bool SigningKey::load() {
  library_.reset(OSSL_LIB_CTX_new());
  if (library_ == nullptr ||
      OSSL_PROVIDER_add_builtin(library_.get(), kProvider, start_provider) != 1) {
    return false;
  }
  provider_.reset(OSSL_PROVIDER_load(library_.get(), kProvider));
  if (provider_ == nullptr) return false;
  const char* type = nullptr;
  for (const char* const known : {kRsa, kEc, kEd25519, kEd448}) {
    if (EVP_PKEY_is_a(public_key_.get(), known) == 1) type = known;
  }
  if (type == nullptr) return false;
  const PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(library_.get(), type, kProperties));
  void* self = this;
  OSSL_PARAM parameters[] = {OSSL_PARAM_construct_octet_ptr(kKeyParameter, &self, 0),
                             OSSL_PARAM_construct_end()};
  EVP_PKEY* made = nullptr;
  if (context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_KEYPAIR, parameters) != 1) {
    return false;
  }
  key_.reset(made);
  return true;
}

}  // namespace minim::tls
