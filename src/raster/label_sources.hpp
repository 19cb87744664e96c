#pragma once

#include <memory>
#include <string>

#include "raster/labels.hpp"
#include "raster/opened_raster.hpp"
#include "raster/placed_features.hpp"

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

/// The features of a vector of labels in pixel coordinates, each with its class value.
/// Throws as LabelReader's constructor does.
std::vector<PlacedFeature> place_labels(const Grid& grid, const LabelDefinition& definition,
                                        std::span<const ClassInfo> classes);

}  // namespace spectile
