#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/checksum.hpp"
#include "weights/partial_file.hpp"
#include "weights/tensor_view.hpp"

namespace spectile::weights {

/// Type and shape of a tensor whose bytes come later.
struct TensorForm {
    ElementType dtype = ElementType::F32;
    std::vector<std::int64_t> shape;

    std::uint64_t bytes() const;
};

/// What a safetensors file begins with, length and padding included. Keys and metadata are UTF-8.
std::vector<std::byte> encode_header(const std::map<std::string, TensorForm>& tensors,
                                     const std::map<std::string, std::string>& metadata);

/// Writes a safetensors file piece by piece, so that nothing of it need be held in memory. The bytes are
/// those of `encode_safetensors`. One thread at a time.
class SafeTensorsStream {
public:
    /// Writes the header. Throws Error{Code::write} or Error{Code::permission} naming `path`, as do the
    /// others.
    SafeTensorsStream(const std::string& path, const std::map<std::string, TensorForm>& tensors,
                      const std::map<std::string, std::string>& metadata);
    /// The next bytes: the tensors one after the other in the order of their names.
    void write(std::span<const std::byte> bytes);
    /// Gives the file its name and returns its SHA-256. Throws Error{Code::internal} where bytes are missing
    /// or too many.
    std::string commit();

private:
    std::string path_;
    PartialFile file_;
    Sha256 checksum_;
    std::uint64_t expected_ = 0, written_ = 0;
};

}  // namespace spectile::weights
