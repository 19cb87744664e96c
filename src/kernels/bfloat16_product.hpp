#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace spectile::kernels {

/// The matrix W [out, in] of a layer y = bias + W x, rounded to bfloat16 (nearest, ties to even) and packed
/// in pairs of inputs: [panel of 16 outputs][pair][16][2]. Missing outputs and inputs have zero weights.
struct Bfloat16Matrix {
    std::size_t in = 0, out = 0;
    std::vector<std::uint16_t> weights;

    Bfloat16Matrix() = default;
    Bfloat16Matrix(const float* source, std::size_t out_features, std::size_t in_features);

    std::size_t panels() const { return (out + 15) / 16; }
    std::size_t pairs() const { return (in + 1) / 2; }
    bool empty() const { return weights.empty(); }
};

/// Rows of a product in bfloat16: all with padded widths, as the network's buffers are.
struct Bfloat16Rows {
    std::size_t count = 0;
    const float* x = nullptr;  ///< [count][in], finite
    std::size_t x_stride = 0;
    float* y = nullptr;  ///< [count][16 * panels]
    std::size_t y_stride = 0;
    const float* bias = nullptr;   ///< [16 * panels]
    std::uint32_t* low = nullptr;  ///< Scratch, [count][pairs]
};

/// y = bias + W x, with x rounded to bfloat16, too, and sums in float32: for each pair of inputs the second
/// product, then the first, each by one multiply-add. That is what the instruction VDPBF16PS does (Intel SDM;
/// denormals apart, which it takes for 0), so every level of instructions gives the same sums.
void multiply_bfloat16(const Bfloat16Matrix& matrix, const Bfloat16Rows& rows);

}  // namespace spectile::kernels
