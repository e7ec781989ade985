#include "probe_fixture.h"

#include <cstdio>
#include <filesystem>
#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace hg::daemon {

namespace {

constexpr long kLifetime = 3600; // s

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using File = std::unique_ptr<FILE, decltype(&std::fclose)>;

Certificate certificate_of(EVP_PKEY* key, const std::string& names) {
    Certificate certificate(X509_new(), X509_free);
    auto* const x509 = certificate.get();
    X509_set_version(x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -kLifetime);
    X509_gmtime_adj(X509_getm_notAfter(x509), kLifetime);
    X509_set_pubkey(x509, key);
    const std::string name = "a test";
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.data()),
                               static_cast<int>(name.size()), -1, 0);
    X509_set_issuer_name(x509, X509_get_subject_name(x509));
    auto* const extension =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
    EXPECT_EQ(X509_add_ext(x509, extension, -1), 1);
    X509_EXTENSION_free(extension);
    EXPECT_NE(X509_sign(x509, key, EVP_sha256()), 0);
    return certificate;
}

} // namespace

Identity::Identity(const std::string& names) {
    std::string folder = std::filesystem::temp_directory_path() / "headgate-identity-XXXXXX";
    folder_ = mkdtemp(folder.data());
    const Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const auto x509 = certificate_of(key.get(), names);
    const File certificate_file(std::fopen(certificate().c_str(), "w"), std::fclose);
    EXPECT_EQ(PEM_write_X509(certificate_file.get(), x509.get()), 1);
    const File key_file(std::fopen(this->key().c_str(), "w"), std::fclose);
    EXPECT_EQ(
        PEM_write_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr), 1);
}

Identity::~Identity() { std::filesystem::remove_all(folder_); }

} // namespace hg::daemon
