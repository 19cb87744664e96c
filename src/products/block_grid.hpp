#pragma once

#include <cstdint>

#include "spectile/window.hpp"

namespace spectile::products {

/// A raster in square blocks, numbered row by row; those at its right and lower edges are cut.
struct BlockGrid {
    std::int64_t width = 0, height = 0;
    int block = 512;

    std::int64_t columns() const { return (width + block - 1) / block; }
    std::int64_t rows() const { return (height + block - 1) / block; }
    std::int64_t count() const { return columns() * rows(); }
    Window window(std::int64_t index) const {
        const std::int64_t col = index % columns(), row = index / columns();
        return intersect({col * block, row * block, block, block}, {0, 0, width, height});
    }
};

}  // namespace spectile::products
