#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace spectile::products {

/// One 8-connected component of a mask.
struct Component {
    std::int64_t area = 0;    ///< Pixels.
    double row = 0, col = 0;  ///< Mean row and column of its pixels.
};

/// The components of a mask, in the order in which a scan row by row meets them.
struct Components {
    std::vector<std::int32_t> labels;  ///< Per pixel: index into `list` + 1, or 0.
    std::vector<Component> list;
};

/// mask: [rows, cols], anything but 0 is inside; its size is a multiple of `cols`.
Components components_of(std::span<const std::uint8_t> mask, std::int64_t cols);

}  // namespace spectile::products
