#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "kernels/group_norm.hpp"
#include "kernels/pixel_matrix.hpp"

namespace spectile::kernels {

/// The head's layers, from the coarsest of four scales to the finest. No activation stands between a scale's
/// enlarging layer and the joining convolution behind it, nor between the pyramid's two: each such pair is
/// one matrix here. Nor between a bilinear enlargement and the 1x1 convolution that it commutes with
/// (`joins`, `fuse`).
struct DenseHeadWeights {
    struct Scale {
        PixelMatrix conv;
        GroupNorm norm;
        /// Of each pixel of the square that a pixel becomes, row by row; empty: of the coarsest scale.
        std::vector<PixelMatrix> enlarged;
    };
    std::array<Scale, 4> scales;
    /// Of the largest values in squares of cells, and of the map itself.
    std::array<PixelMatrix, 4> pools;
    PixelMatrix pyramid;
    GroupNorm pyramid_norm;
    PixelMatrix conv_x1;
    struct Join {
        GroupNorm fine_norm;
        PixelMatrix conv;
        GroupNorm norm;
    };
    std::array<Join, 3> joins;
    std::array<PixelMatrix, 4> fuse;  ///< The bias is the finest one's.
    GroupNorm fuse_norm;
    PixelMatrix classes;  ///< One output for each of the nine neighbours and class: [neighbour][class].
    std::vector<float> class_bias;
};

/// Four scales of a map of features, a pyramid of its largest values, joined from coarse to fine: a score per
/// class and pixel, on float32 in somebody's memory, for inference. Equal to networks::gpt::dense_head but
/// for rounding.
///
/// Threads  const and shared. The work is cut in the same way whatever `parallel` does: neither threads nor
///          the batch change a bit.
/// Source   networks::gpt::dense_head.
class DenseHead {
public:
    /// Runs body(i) for every i in [0, count), in any order.
    using ParallelFor = std::function<void(std::int64_t, const std::function<void(std::int64_t)>&)>;

    /// `grid`: side of the map of features.
    DenseHead(std::size_t grid, DenseHeadWeights weights);
    ~DenseHead();

    /// Maps of one call at a time: nearly two floats for each pixel of the finest one and channel.
    class Memory;
    std::shared_ptr<Memory> memory() const;
    /// map: [grid * grid, channels]. scores: [classes, side, side].
    void run(Memory& memory, const float* map, float* scores, const ParallelFor& parallel) const;

private:
    std::size_t grid_;
    DenseHeadWeights weights_;
};

}  // namespace spectile::kernels
