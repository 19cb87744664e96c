#pragma once

#include <string>
#include <vector>

#include "evaluate/accuracy.hpp"
#include "evaluate/area_estimate.hpp"
#include "spectile/training.hpp"

namespace spectile::evaluate {

/// A class map and the truth that it is judged by.
struct MapEvaluation {
    std::string product;  ///< Class map: a raster of one band, whose categories give the classes' names, or a
                          ///< vector, which is judged on the grid of the truth.
    std::string attribute;  ///< Of a vector product: the field with class value or name.
    /// Raster or vector in any CRS, brought onto the product's grid by nearest pixel.
    LabelDefinition truth;
    /// Each feature of a vector truth counts once, by the class of most of its pixels.
    bool features = false;
    std::string mask;        ///< Raster (0 = left out) or vector (inside = judged); empty = everywhere.
    std::vector<int> tiles;  ///< Only these squares, numbered row by row from 0; empty = all.
    int tile_size = 0;       ///< Side of the squares in pixels; needed where `tiles` names some.
};

/// How well a map agrees with its truth.
struct Evaluation {
    Accuracy accuracy;      ///< Counts pixels, or features.
    AreaEstimate weighted;  ///< The same weighted by the area of the map's classes where it is judged.
    bool features = false;
};

/// Judges a class map over the pixels (or features) that have a truth and a prediction; windows are streamed.
///
/// Pixels with a truth where the map has no data count as `unpredicted`, except where a mask is given: there
/// they cannot be told from what the mask leaves out. A feature of which no pixel has a prediction is
/// `unpredicted` too; of several classes with equally many of its pixels the lowest counts.
/// Throws Error{Code::missing}, {Code::scene} (more than one band, values that are no whole numbers, no
/// common pixel), {Code::usage} (tiles without size, or out of range; features of a raster; two vectors),
/// {Code::read}.
Evaluation evaluate_map(const MapEvaluation& evaluation);

/// The keys of `to_json(Accuracy)`, and `area_weighted`; `counted`: "pixels" or "features".
std::string to_json(const Evaluation& evaluation, int indent = 2);
std::string to_text(const Evaluation& evaluation);

}  // namespace spectile::evaluate
