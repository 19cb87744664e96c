#pragma once

#include <map>
#include <string>
#include <vector>

#include "weights/tensor_view.hpp"

namespace spectile::weights {

/// Longest header that is read, as in the format's own implementation.
inline constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;

/// A safetensors file in memory: 8 bytes little-endian header length, JSON header, raw data.
///
/// Owns the bytes; views stay valid as long as the object, also after a move. Checked when made: header
/// length, duplicate keys, types, shapes (no overflow), sizes, and that the tensors cover the data once
/// without gaps.
class SafeTensors {
public:
    /// Reads a whole file. Throws Error{Code::missing}, Error{Code::read}, or Error{Code::model} naming file
    /// and key.
    static SafeTensors open(const std::string& path);
    /// Takes the bytes of a file; `name` is for messages. Throws Error{Code::model}.
    static SafeTensors parse(std::vector<std::byte> bytes, const std::string& name);

    const std::string& name() const { return name_; }
    const std::map<std::string, TensorView>& tensors() const { return tensors_; }
    /// `__metadata__`; empty where there is none.
    const std::map<std::string, std::string>& metadata() const { return metadata_; }
    bool contains(const std::string& key) const { return tensors_.contains(key); }
    /// Throws Error{Code::model} naming file and key.
    const TensorView& at(const std::string& key) const;

private:
    std::string name_;
    std::vector<std::byte> bytes_;
    std::map<std::string, TensorView> tensors_;
    std::map<std::string, std::string> metadata_;
};

/// The bytes of a file in memory. Throws Error{Code::missing} or Error{Code::read} naming it.
std::vector<std::byte> read_bytes(const std::string& path);

/// The file as bytes. Keys in order of their names, so equal content gives equal bytes.
///
/// Throws Error{Code::internal} if a view's size does not fit its shape.
std::vector<std::byte> encode_safetensors(const std::map<std::string, TensorView>& tensors,
                                          const std::map<std::string, std::string>& metadata);

/// Writes `encode_safetensors` under a temporary name, fsyncs and renames: readers see the old file or the
/// whole new one. Throws Error{Code::write} naming the file.
void write_safetensors(const std::string& path, const std::map<std::string, TensorView>& tensors,
                       const std::map<std::string, std::string>& metadata);

}  // namespace spectile::weights
