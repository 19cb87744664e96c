#include "products/label_scores.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "products/gdal_dataset.hpp"
#include "products/score_values.hpp"

namespace spectile::products {
namespace {

constexpr std::int64_t kBlockSide = 512;  ///< Of the order of reading alone.

/// Tiles of one block of the raster follow each other, so that each block is decoded once.
std::vector<std::size_t> reading_sequence(const std::vector<LabelTile>& tiles) {
    std::vector<std::size_t> order(tiles.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto block = [&](std::size_t i) {
        const Window& core = tiles[i].core;
        return std::tuple(core.y / kBlockSide, core.x / kBlockSide, i);
    };
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return block(a) < block(b); });
    return order;
}

LabelScores scores_in(GDALDataset& probabilities, const Window& core) {
    LabelScores out;
    GDALRasterBand& first = *probabilities.GetRasterBand(1);
    const auto nodata = static_cast<float>(first.GetNoDataValue());
    const auto values = read_scores(first, core);
    const auto measured = [&](float value) { return value != nodata; };
    out.valid = std::count_if(values.begin(), values.end(), measured);
    if (out.valid == 0) return out;
    const auto at = std::find_if(values.begin(), values.end(), measured) - values.begin();
    const Window pixel{core.x + at % core.width, core.y + at / core.width, 1, 1};
    for (int i = 1; i <= probabilities.GetRasterCount(); ++i) {
        GDALRasterBand& band = *probabilities.GetRasterBand(i);
        out.scores.push_back(static_cast<float>(read_scores(band, pixel).front() * score_scale(band)));
    }
    return out;
}

}  // namespace

std::size_t LabelScores::best() const {
    return static_cast<std::size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

std::vector<LabelScores> read_label_scores(const std::string& probabilities,
                                           const std::vector<LabelTile>& tiles) {
    const auto dataset = open_raster(probabilities);
    std::vector<LabelScores> out(tiles.size());
    for (const std::size_t i : reading_sequence(tiles)) out[i] = scores_in(*dataset, tiles[i].core);
    return out;
}

}  // namespace spectile::products
