#pragma once

#include <gdal_priv.h>

#include <vector>

#include "spectile/grid.hpp"

namespace spectile::products {

/// Values of one band of finished scores over a window, [rows, cols], as they are stored. Throws
/// Error{Code::read} naming the window.
std::vector<float> read_scores(GDALRasterBand& band, const Window& window);

/// What a stored value is to be multiplied with: 1 where the band says nothing.
double score_scale(GDALRasterBand& band);

}  // namespace spectile::products
