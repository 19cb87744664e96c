#pragma once

#include <string>
#include <vector>

#include "evaluate/accuracy.hpp"
#include "spectile/training.hpp"

namespace spectile::evaluate {

/// A class map and the truth that it is judged by.
struct RasterEvaluation {
    std::string product;  ///< Class map of one band; its categories give the classes' names.
    LabelDefinition
        truth;         ///< Raster or vector in any CRS, brought onto the product's grid by nearest pixel.
    std::string mask;  ///< Raster (0 = left out) or vector (inside = judged); empty = everywhere.
    std::vector<int> tiles;  ///< Only these squares, numbered row by row from 0; empty = all.
    int tile_size = 0;       ///< Side of the squares in pixels; needed where `tiles` names some.
};

/// Accuracy of a class map over the pixels that have a truth and a prediction; windows are streamed.
///
/// Pixels with a truth where the map has no data count as `unpredicted`, except where a mask is given: there
/// they cannot be told from what the mask leaves out. Throws Error{Code::missing}, {Code::scene} (more than
/// one band, values that are no whole numbers, no common pixel), {Code::usage} (tiles without size, or out of
/// range), {Code::read}.
Accuracy evaluate_raster(const RasterEvaluation& evaluation);

}  // namespace spectile::evaluate
