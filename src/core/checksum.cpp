#include "checksum.hpp"

#include <openssl/evp.h>
#include <xxhash.h>

#include <cstdio>
#include <vector>

#include "spectile/error.hpp"

namespace spectile {
namespace {

std::string hex(const unsigned char* bytes, std::size_t size) {
    static const char* digits = "0123456789abcdef";
    std::string out;
    out.reserve(2 * size);
    for (std::size_t i = 0; i < size; ++i) {
        out += digits[bytes[i] >> 4];
        out += digits[bytes[i] & 15];
    }
    return out;
}

}  // namespace

std::string xxh3_hex(const void* data, std::size_t size) {
    XXH64_canonical_t canonical;
    XXH64_canonicalFromHash(&canonical, XXH3_64bits(data, size));
    return hex(canonical.digest, sizeof canonical.digest);
}

struct Xxh3::Impl {
    XXH3_state_t* state = XXH3_createState();
    ~Impl() { XXH3_freeState(state); }
};

Xxh3::Xxh3() : impl_(std::make_unique<Impl>()) {
    if (!impl_->state || XXH3_64bits_reset(impl_->state) != XXH_OK)
        throw Error(Code::internal, "no memory for a checksum");
}
Xxh3::~Xxh3() = default;
Xxh3::Xxh3(Xxh3&&) noexcept = default;
Xxh3& Xxh3::operator=(Xxh3&&) noexcept = default;

void Xxh3::update(const void* data, std::size_t size) { XXH3_64bits_update(impl_->state, data, size); }

std::string Xxh3::finish() const {
    XXH64_canonical_t canonical;
    XXH64_canonicalFromHash(&canonical, XXH3_64bits_digest(impl_->state));
    return hex(canonical.digest, sizeof canonical.digest);
}

struct Sha256::Impl {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    ~Impl() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : impl_(std::make_unique<Impl>()) {
    if (!impl_->context || EVP_DigestInit_ex(impl_->context, EVP_sha256(), nullptr) != 1)
        throw Error(Code::internal, "SHA-256 is not available from OpenSSL");
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(const void* data, std::size_t size) { EVP_DigestUpdate(impl_->context, data, size); }

std::string Sha256::finish() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_DigestFinal_ex(impl_->context, digest, &size);
    return hex(digest, size);
}

std::string sha256_of(std::string_view text) {
    Sha256 sha;
    sha.update(text.data(), text.size());
    return sha.finish();
}

std::string sha256_of_file(const std::string& path) {
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
    if (!file) throw Error(Code::missing, path + ": cannot be opened");
    Sha256 sha;
    std::vector<char> buffer(1 << 20);
    while (const auto got = std::fread(buffer.data(), 1, buffer.size(), file.get()))
        sha.update(buffer.data(), got);
    if (std::ferror(file.get())) throw Error(Code::read, path + ": cannot be read");
    return sha.finish();
}

}  // namespace spectile
