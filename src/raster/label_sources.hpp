#pragma once

#include <memory>
#include <string>

#include "raster/labels.hpp"
#include "raster/opened_raster.hpp"

namespace spectile {

/// Where the labels of a window come from. Belongs to one thread at a time.
struct LabelReader::Source {
    virtual ~Source() = default;
    virtual std::vector<std::int32_t> read(const Window& window) = 0;
};

/// Labels of a raster on another grid or CRS: nearest neighbour, exact transformation.
/// Throws Error{Code::scene} naming the raster and `difference` where the two cannot be brought together.
std::unique_ptr<LabelReader::Source> make_warped_labels(const Grid& grid, const OpenedRaster& raster,
                                                        int ignore, const std::string& difference);

}  // namespace spectile
