#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

// Checkpoints that PyTorch saved, read without LibTorch. Such a file is a program for Python's unpickler;
// here it is data: calls in it become values that say what would have been called, and nothing is ever run.
// Everything that a file claims is checked against its size first. After opening, an object is const and may
// be read from any thread.

namespace spectile::checkpoints {

/// Where some bytes of a file lie.
struct Extent {
    std::uint64_t offset = 0, size = 0;
};

/// A file that is read in pieces, never mapped and never held whole.
class ByteSource {
public:
    virtual ~ByteSource() = default;
    /// As the user wrote it, for messages.
    const std::string& name() const { return name_; }
    virtual std::uint64_t size() const = 0;
    /// Fills `into` from `offset`. Throws Error{Code::read} where the file cannot be read or ends before.
    virtual void read(std::uint64_t offset, std::span<std::byte> into) const = 0;

protected:
    explicit ByteSource(std::string name) : name_(std::move(name)) {}

private:
    std::string name_;
};

/// Throws Error{Code::missing}, Error{Code::permission}, or Error{Code::model} for what is no plain file.
std::unique_ptr<ByteSource> open_file(const std::string& path);
/// Bytes in memory, for tests and fuzzing.
std::unique_ptr<ByteSource> bytes_in_memory(std::vector<std::byte> bytes, const std::string& name);

std::vector<std::byte> read_extent(const ByteSource& source, const Extent& extent);

/// The little-endian number at `at`; the caller has checked that it is there.
template <typename T>
T number_at(std::span<const std::byte> bytes, std::size_t at) {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

/// Text of a file for a message: quoted, escaped and cut, so that the message stays one line.
std::string in_quotes(std::string_view text);

/// Throws Error{Code::model}: `name: not a usable checkpoint: why`.
[[noreturn]] void refuse(const std::string& name, const std::string& why);

}  // namespace spectile::checkpoints
