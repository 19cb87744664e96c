#pragma once

#include <cstddef>
#include <vector>

namespace spectile::kernels {

/// A matrix W [out, in] of a linear layer y = W x, packed for `MultiplyRows`: panels of 16 outputs,
/// [panel][in][16], the last one 8 wide where 8 suffice. Missing outputs have zero weights.
struct PackedMatrix {
    static constexpr std::size_t kPanel = 16;

    std::size_t in = 0, out = 0;
    std::vector<float> weights;

    PackedMatrix() = default;
    /// `rows[o]` says which row of `source` [*, in] becomes output o; null rows become zeros.
    PackedMatrix(const std::vector<const float*>& rows, std::size_t in_features);
    /// W as it lies.
    PackedMatrix(const float* source, std::size_t out_features, std::size_t in_features);

    std::size_t full_panels() const { return out / kPanel + (out % kPanel > kPanel / 2 ? 1 : 0); }
    bool has_half_panel() const { return out % kPanel != 0 && out % kPanel <= kPanel / 2; }
    /// Outputs written per row: `out` rounded up to 8 or 16.
    std::size_t width() const { return full_panels() * kPanel + (has_half_panel() ? kPanel / 2 : 0); }
    const float* panel(std::size_t index) const { return weights.data() + index * in * kPanel; }
};

}  // namespace spectile::kernels
