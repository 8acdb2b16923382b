#include "tls/certificate_text.h"

#include <openssl/asn1.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <memory>

namespace minim::tls {

namespace {

constexpr std::size_t kMaxTextBytes = 160;
constexpr int kMaxNames = 8;

using NamesPtr = std::unique_ptr<GENERAL_NAMES, Free<GENERAL_NAMES_free>>;
using TimePtr = std::unique_ptr<ASN1_TIME, Free<ASN1_TIME_free>>;

std::string_view written(BIO* bio) {
  const char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string_view(data, static_cast<std::size_t>(size)) : std::string_view();
}

std::string name_text(const X509_NAME* name) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || name == nullptr) return "an unreadable name";
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253);
  const std::string_view text = written(bio.get());
  return text.empty() ? "an empty name" : printable(text);
}

}  // namespace

std::string printable(std::string_view text) {
  std::string result(text.substr(0, kMaxTextBytes));
  std::replace_if(result.begin(), result.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  if (text.size() > kMaxTextBytes) result += "...";
  return result;
}

std::string names_of(const X509* certificate) {
  const NamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::string text;
  if (names == nullptr) return text;
  const int count = sk_GENERAL_NAME_num(names.get());
  for (int i = 0; i < std::min(count, kMaxNames); ++i) {
    const BioPtr bio(BIO_new(BIO_s_mem()));
    if (bio == nullptr) break;
    GENERAL_NAME_print(bio.get(), sk_GENERAL_NAME_value(names.get(), i));
    if (i > 0) text += ", ";
    text += printable(written(bio.get()));
  }
  if (count > kMaxNames) text += " and " + std::to_string(count - kMaxNames) + " more";
  return text;
}

std::string subject_of(const X509* certificate) {
  return name_text(X509_get_subject_name(certificate));
}

std::string issuer_of(const X509* certificate) {
  return name_text(X509_get_issuer_name(certificate));
}

std::string date_text(const ASN1_TIME* time) {
  std::tm parts = {};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return "an unreadable date";
  char text[96];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d:%02d UTC", parts.tm_year + 1900,
                parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
  return text;
}

std::string local_clock_text() {
  // Asked of OpenSSL, because its clock is what the dates were compared with.
  const TimePtr now(X509_gmtime_adj(nullptr, 0));
  return date_text(now.get());
}

}  // namespace minim::tls
