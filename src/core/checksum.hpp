#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace spectile {

/// XXH3-64 of bytes, as 16 lower-case hex digits: for blocks, parts and ledger lines.
std::string xxh3_hex(const void* data, std::size_t size);

/// XXH3-64 in steps: the digits of `xxh3_hex` over all the bytes in order.
class Xxh3 {
public:
    Xxh3();
    ~Xxh3();
    Xxh3(Xxh3&&) noexcept;
    Xxh3& operator=(Xxh3&&) noexcept;
    void update(const void* data, std::size_t size);
    std::string finish() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// SHA-256 in steps (OpenSSL): for inputs, weights and recipes.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    void update(const void* data, std::size_t size);
    /// 64 lower-case hex digits; the object is spent afterwards.
    std::string finish();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

std::string sha256_of(std::string_view text);
/// Throws Error{Code::missing} or Error{Code::read} naming the file.
std::string sha256_of_file(const std::string& path);

}  // namespace spectile
