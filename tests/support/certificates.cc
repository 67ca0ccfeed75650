#include "tests/support/certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdexcept>

#include "lib/base/freed.h"

namespace fleet::test {
namespace {

using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;

constexpr long kHour = 3600;

std::string TextOf(BIO* bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string Pem(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  return TextOf(bio.get());
}

std::string Pem(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return TextOf(bio.get());
}

void Name(X509_NAME* name, const std::string& common_name) {
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
}

void Extend(X509* certificate, int nid, const std::string& value) {
  const Extension extension(X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str()));
  if (extension == nullptr) throw std::runtime_error("bad extension: " + value);
  X509_add_ext(certificate, extension.get(), -1);
}

Certificate Blank(const std::string& common_name, EVP_PKEY* key, long serial, bool expired) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), expired ? -2 * kHour : -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), expired ? -kHour : kHour);
  X509_set_pubkey(certificate.get(), key);
  Name(X509_get_subject_name(certificate.get()), common_name);
  return certificate;
}

}  // namespace

struct CertificateAuthority::Parts {
  Key key;
  Certificate certificate;
};

CertificateAuthority::CertificateAuthority(const std::string& name) : parts_(std::make_unique<Parts>()) {
  Certify(name, *this);
}

CertificateAuthority::CertificateAuthority(const std::string& name, CertificateAuthority& issuer)
    : parts_(std::make_unique<Parts>()) {
  Certify(name, issuer);
}

void CertificateAuthority::Certify(const std::string& name, CertificateAuthority& issuer) {
  parts_->key = Key(EVP_EC_gen("P-256"));
  parts_->certificate = Blank(name, parts_->key.get(), issuer.serial_++, false);
  X509* const certificate = parts_->certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer.parts_->certificate.get()));
  Extend(certificate, NID_basic_constraints, "critical,CA:TRUE");
  Extend(certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  X509_sign(certificate, issuer.parts_->key.get(), EVP_sha256());
  certificate_pem_ = Pem(certificate);
}

CertificateAuthority::~CertificateAuthority() = default;

Issued CertificateAuthority::Issue(const std::string& common_name, const std::string& names, bool expired) {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate = Blank(common_name, key.get(), serial_++, expired);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(parts_->certificate.get()));
  Extend(certificate.get(), NID_subject_alt_name, names);
  X509_sign(certificate.get(), parts_->key.get(), EVP_sha256());
  return {Pem(certificate.get()), Pem(key.get())};
}

}  // namespace fleet::test
