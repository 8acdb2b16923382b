#include "tls/roots.h"

#include <dirent.h>
#include <stdlib.h>

#include <algorithm>

#include "tls/pem.h"

namespace minim::tls {

namespace {

// Debian, Alpine, Arch; Fedora and RHEL; SUSE; the BSDs and older systems.
constexpr const char* kDirectories[] = {"/etc/ssl/certs", "/etc/pki/tls/certs",
                                        "/etc/pki/ca-trust/extracted/pem/directory-hash",
                                        "/system/etc/security/cacerts"};
constexpr const char* kBundles[] = {
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"};

void add_once(std::vector<std::string>* places, const char* place) {
  if (place == nullptr || *place == '\0') return;
  if (std::find(places->begin(), places->end(), place) == places->end()) places->push_back(place);
}

// Directories are separated by colons, as OpenSSL itself reads the variable.
void add_list(std::vector<std::string>* places, std::string_view list) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(':'), list.size());
    add_once(places, std::string(list.substr(0, end)).c_str());
    list.remove_prefix(std::min(end + 1, list.size()));
  }
}

// "9d04f354.0": the hash of a subject, by which OpenSSL finds the file.
bool is_hashed_name(std::string_view name) {
  return name.size() >= 10 && name[8] == '.' &&
         name.find_first_not_of("0123456789abcdefABCDEF") == 8 &&
         name.find_first_not_of("0123456789", 9) == name.npos;
}

bool has_hashed_names(const std::string& directory) {
  DIR* const open = opendir(directory.c_str());
  if (open == nullptr) return false;
  bool found = false;
  while (const dirent* const entry = readdir(open)) {
    if (is_hashed_name(entry->d_name)) {
      found = true;
      break;
    }
  }
  closedir(open);
  return found;
}

bool add_directory(X509_STORE* store, const std::string& directory) {
  if (!has_hashed_names(directory)) return false;
  X509_LOOKUP* const lookup = X509_STORE_add_lookup(store, X509_LOOKUP_hash_dir());
  return lookup != nullptr &&
         X509_LOOKUP_add_dir(lookup, directory.c_str(), X509_FILETYPE_PEM) == 1;
}

bool add_bundle(X509_STORE* store, const std::string& bundle) {
  const BioPtr file(BIO_new_file(bundle.c_str(), "r"));
  if (file == nullptr) return false;
  bool added = false;
  for (const CertificatePtr& certificate : read_bundle(file.get())) {
    if (X509_STORE_add_cert(store, certificate.get()) == 1) added = true;
  }
  return added;
}

std::string joined(const std::vector<std::string>& places) {
  std::string text;
  for (const std::string& place : places) {
    if (!text.empty()) text += ", ";
    text += place;
  }
  return text;
}

// A program with raised privileges must not let its caller choose whom it trusts.
const char* environment(const char* name) {
  const char* const value = secure_getenv(name);
  return value != nullptr && *value != '\0' ? value : nullptr;
}

}  // namespace

RootPlaces system_root_places() {
  RootPlaces places;
  const char* const file = environment(X509_get_default_cert_file_env());
  const char* const directories = environment(X509_get_default_cert_dir_env());
  if (directories != nullptr) add_list(&places.directories, directories);
  add_once(&places.bundles, file);
  if (file != nullptr || directories != nullptr) return places;
  for (const char* const directory : kDirectories) add_once(&places.directories, directory);
  add_once(&places.directories, X509_get_default_cert_dir());
  for (const char* const bundle : kBundles) add_once(&places.bundles, bundle);
  add_once(&places.bundles, X509_get_default_cert_file());
  return places;
}

Result<std::string> use_roots(X509_STORE* store, const RootPlaces& places, bool all) {
  const CleanErrorQueue clean;
  std::vector<std::string> used;
  for (const std::string& directory : places.directories) {
    if (!all && !used.empty()) break;
    if (add_directory(store, directory)) used.push_back(directory);
  }
  for (const std::string& bundle : places.bundles) {
    if (!all && !used.empty()) break;
    if (add_bundle(store, bundle)) used.push_back(bundle);
  }
  if (!used.empty()) return joined(used);
  std::vector<std::string> tried = places.directories;
  tried.insert(tried.end(), places.bundles.begin(), places.bundles.end());
  return Status(Code::kFailedPrecondition,
                "there are no trusted roots on this system, looked for in " + joined(tried) +
                    "; install the package ca-certificates, set SSL_CERT_FILE or SSL_CERT_DIR, or "
                    "give the server's CA in root_certificates");
}

Result<std::string> use_system_roots(X509_STORE* store) {
  const bool named = environment(X509_get_default_cert_file_env()) != nullptr ||
                     environment(X509_get_default_cert_dir_env()) != nullptr;
  Result<std::string> used = use_roots(store, system_root_places(), named);
  if (!used) return used;
  return "the system's, " + *used;
}

std::string use_given_roots(X509_STORE* store, const NamedText& pem,
                            std::vector<std::string>* problems) {
  const CleanErrorQueue clean;
  std::string problem;
  const std::vector<CertificatePtr> roots = read_certificates(pem.text, &problem);
  if (roots.empty()) problems->push_back(pem.name + ": " + problem);
  for (const CertificatePtr& root : roots) {
    if (X509_STORE_add_cert(store, root.get()) != 1) {
      problems->push_back(pem.name + ": OpenSSL refuses one of them");
      break;
    }
  }
  // Trust in an intermediate is trust in what it signs; the root above it need not be known.
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  return "the " + std::to_string(roots.size()) + " given in " + pem.name;
}

}  // namespace minim::tls
