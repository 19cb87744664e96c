#pragma once

#include <gtest/gtest.h>

#include "checkpoints/checkpoint.hpp"
#include "spectile/error.hpp"
#include "support/checkpoint_file.hpp"

// What tests of the checkpoint reader share: reading from memory, and the message of a refusal. Header-only.

namespace spectile::test {

inline checkpoints::Checkpoint parsed(const std::string& file, const std::string& from = {}) {
    return checkpoints::Checkpoint::parse(pickled::bytes_of(file), "weights.pth", from);
}

inline std::vector<std::byte> read_tensor(const checkpoints::Checkpoint& checkpoint, const std::string& key) {
    std::vector<std::byte> bytes;
    checkpoint.read(key, [&](auto piece) { bytes.insert(bytes.end(), piece.begin(), piece.end()); });
    EXPECT_EQ(bytes.size(), checkpoint.bytes_read(key)) << key;
    return bytes;
}

template <typename T = float>
std::vector<T> numbers_of(const checkpoints::Checkpoint& checkpoint, const std::string& key) {
    const auto bytes = read_tensor(checkpoint, key);
    std::vector<T> numbers(bytes.size() / sizeof(T));
    if (!bytes.empty()) std::memcpy(numbers.data(), bytes.data(), bytes.size());
    return numbers;
}

/// What opening a file and reading all its tensors is refused with: one line that names the file. Empty where
/// it is not.
inline std::string refusal_of(const std::string& file, const std::string& from = {}) {
    try {
        const auto checkpoint = parsed(file, from);
        for (const auto& [key, _] : checkpoint.tensors()) read_tensor(checkpoint, key);
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Code::model) << e.what();
        const std::string message = e.what();
        EXPECT_TRUE(message.starts_with("weights.pth: ")) << message;
        EXPECT_EQ(message.find('\n'), std::string::npos) << message;
        return message;
    }
    return {};
}

}  // namespace spectile::test
