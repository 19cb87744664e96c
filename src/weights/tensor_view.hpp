#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Weights and other arrays in files: safetensors, read and written without LibTorch or GDAL. Reading is data
// only and never runs code. Every function here may be called from any thread; nothing is shared.

namespace spectile::weights {

/// Element types under safetensors' names.
enum class ElementType { BOOL, U8, I8, U16, I16, F16, BF16, U32, I32, F32, U64, I64, F64 };

std::string_view name_of(ElementType type);
/// Bytes of one element.
std::size_t size_of(ElementType type);

/// An array in somebody else's memory: little-endian, C order, not necessarily aligned.
struct TensorView {
    ElementType dtype = ElementType::F32;
    std::vector<std::int64_t> shape;  ///< Empty: a scalar, one element.
    std::span<const std::byte> data;

    std::size_t elements() const { return data.size() / size_of(dtype); }
};

/// Every element as float32 (F64 rounded to nearest, integers converted, BOOL 0 or 1).
std::vector<float> to_floats(const TensorView& view);

/// "[16, 1, 4]", for messages.
std::string shape_text(const std::vector<std::int64_t>& shape);

}  // namespace spectile::weights
