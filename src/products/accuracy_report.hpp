#pragma once

#include <string>

namespace spectile::products {

/// Everything that the report of an evaluation shows.
struct AccuracyReport {
    std::string product, truth;   ///< As the user named them.
    std::string accuracy = "{}";  ///< JSON of `spectile evaluate`.
    bool raster = true;           ///< Whether the product can be drawn.
};

/// One HTML page that holds everything itself: figures, confusion matrix, figures weighted by area with their
/// confidence intervals, a picture of the map. Throws Error{Code::read} where the map cannot be drawn.
std::string accuracy_html(const AccuracyReport& report);

}  // namespace spectile::products
