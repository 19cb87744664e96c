#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "spectile/cube.hpp"
#include "spectile/plan.hpp"

namespace spectile::mosaic {

/// Weight of a pixel along one axis: rises linearly from the edge of the padded window to 1 at the far side
/// of the overlap, so that the weights of two neighbours add up to 1.
///
/// `position`: pixel from the window's start; `size`: of the padded window; `halo`: pixels of overlap on
/// either side of a core's edge. Source: linear feathering over the 2*halo pixels that neighbouring padded
/// windows share.
float feather_weight(std::int64_t position, std::int64_t size, int halo);

/// Adds overlapping predictions with fixed weights; call in grid order, which fixes the order of the float
/// sums.
///
/// Only on logits and probabilities, never on labels. Nodata: pixels that a prediction does not speak for get
/// nothing from it; a pixel with no weight at all comes out not valid.
class Blender {
public:
    /// A part of `width` x `height` output pixels, held by block rows.
    Blender(std::int64_t width, std::int64_t height, int block, int channels, int halo);

    /// `tile` in pixels of the part (keep may reach beyond it); `prediction.window` is tile.padded, same
    /// pixels.
    void add(const Tile& tile, const Prediction& prediction);
    /// Takes a finished block row out as a prediction over (0, first row, width, rows).
    Prediction take(std::int64_t block_row);

private:
    struct Row {
        std::vector<float> sums, weights;
    };
    Row& row(std::int64_t block_row);
    std::int64_t rows_of(std::int64_t block_row) const;

    std::int64_t width_, height_;
    int block_, channels_, halo_;
    std::map<std::int64_t, Row> rows_;
};

}  // namespace spectile::mosaic
