#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "spectile/window.hpp"

namespace spectile::products {

/// A tile of a network that gives one prediction to all of it.
struct LabelTile {
    std::int64_t col = 0, row = 0;  ///< Of the tile grid.
    Window core;                    ///< Pixels that carry its prediction; in pixels of the scores.
    Window read;                    ///< What the network saw; in pixels of the scene.
};

/// What was said of a tile.
struct LabelScores {
    std::vector<float> scores;  ///< One per class; empty where no pixel of the core is measured.
    std::int64_t valid = 0;     ///< Measured pixels of the core.
    std::size_t best() const;   ///< The highest score's class, the first of equals.
};

/// Reads each tile's scores off the finished raster of probabilities, where all measured pixels of a core
/// hold them. Throws Error{Code::missing}, Error{Code::read}.
std::vector<LabelScores> read_label_scores(const std::string& probabilities,
                                           const std::vector<LabelTile>& tiles);

}  // namespace spectile::products
