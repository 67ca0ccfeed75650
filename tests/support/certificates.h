// Certificates made for one test, valid for an hour or expired since one.
#pragma once

#include <memory>
#include <string>
#include <vector>

struct evp_pkey_st;
struct x509_st;

namespace fleet::test {

struct Issued {
  std::string certificate;  // PEM
  std::string key;          // PEM
};

class CertificateAuthority {
 public:
  explicit CertificateAuthority(const std::string& name);
  // An intermediate one, which `issuer` vouches for.
  CertificateAuthority(const std::string& name, CertificateAuthority& issuer);
  ~CertificateAuthority();
  CertificateAuthority(const CertificateAuthority&) = delete;
  CertificateAuthority& operator=(const CertificateAuthority&) = delete;

  const std::string& certificate() const { return certificate_pem_; }

  // `names` as OpenSSL writes alternative names: "IP:127.0.0.1", "DNS:worker-1", "URI:spiffe://a/b".
  Issued Issue(const std::string& common_name, const std::string& names, bool expired = false);

 private:
  struct Parts;
  void Certify(const std::string& name, CertificateAuthority& issuer);

  std::unique_ptr<Parts> parts_;
  std::string certificate_pem_;
  long serial_ = 1;
};

}  // namespace fleet::test
