#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "products/label_scores.hpp"
#include "products/raster_product.hpp"
#include "spectile/grid.hpp"
#include "spectile/target_grid.hpp"

namespace spectile::products {

/// Where labels of tiles come from and go to.
struct LabelFiles {
    std::string target;  ///< File to write; the extension or the definition's format names the driver.
    Grid grid;           ///< Of the scores.
    std::string scene;   ///< Stem, for the column of that name.
    const TargetGrid* onto = nullptr;  ///< Whose CRS the features come in; null: the grid's.
};

/// The tiles and what was said of them, in grid order.
struct LabelledTiles {
    std::vector<LabelTile> tiles;
    std::vector<LabelScores> labels;
};

/// Refuses, before anything is computed, a model that does not label whole tiles, keys and formats that
/// cannot be. Throws Error{Code::definition}.
void check_labels(const ProductDefinition& definition, const ProductContext& context);

/// The probability above which a class is among the labels of a tile: `threshold`, 0.5.
double label_threshold(const ProductDefinition& definition);

/// Writes one feature for each tile with a measured pixel: the outline of the pixels that it speaks for, its
/// class, the class's score and every class's, how much of it is measured, and the window that was read. With
/// `context.traits.multi_label` the classes above the threshold too, by name.
///
/// Outlines do not overlap and cover the scene; of the last tile in a row or column, whose window is shifted
/// inward, it is the strip that the one before left over. Returns how many features there are.
/// Throws Error{Code::write}.
std::int64_t write_labels(const ProductDefinition& definition, const ProductContext& context,
                          const LabelledTiles& tiles, const LabelFiles& files);

}  // namespace spectile::products
