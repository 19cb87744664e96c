#include "products/label_raster.hpp"

#include <algorithm>
#include <filesystem>

#include "products/classes.hpp"
#include "products/kinds.hpp"
#include "products/part_writer.hpp"
#include "products/typed_pixels.hpp"

namespace spectile::products {
namespace {

constexpr std::uint8_t kNoLabel = 255;

/// One band per class: among the labels or not.
class LabelBands final : public RasterProduct {
public:
    LabelBands(const ModelCard& card, double threshold) : threshold_(static_cast<float>(threshold)) {
        format_.bands = static_cast<int>(card.classes.size());
        format_.band_names = channel_names(card, format_.bands);
        format_.nodata = kNoLabel;
        format_.overviews = OverviewResampling::mode;
    }
    const RasterFormat& format() const override { return format_; }
    void encode(const Prediction& prediction, const Window& window, std::span<std::byte> out) const override {
        const auto pixels = static_cast<std::size_t>(window.area());
        expect_room(out, pixels * static_cast<std::size_t>(format_.bands), size_of(format_.type));
        for (int c = 0; c < format_.bands; ++c)
            visit_pixels(prediction, window, [&](std::size_t index, std::size_t position) {
                const bool there = prediction.channel(c)[index] > threshold_;
                const auto label = static_cast<std::uint8_t>(there);
                put(out, static_cast<std::size_t>(c) * pixels + position,
                    prediction.valid[index] ? label : kNoLabel);
            });
    }

private:
    RasterFormat format_;
    float threshold_;
};

std::unique_ptr<RasterProduct> raster_of(const ProductDefinition& definition, const ProductContext& context) {
    if (context.traits.multi_label)
        return std::make_unique<LabelBands>(context.card, label_threshold(definition));
    ProductDefinition map;
    map.kind = "class_map";
    return make_class_map(map, context);
}

/// Columns and rows of the tiles that are listed.
Window tiles_listed(const std::vector<LabelTile>& tiles) {
    Window out{tiles.front().col, tiles.front().row, 1, 1};
    for (const auto& tile : tiles) {
        const std::int64_t right = std::max(out.right(), tile.col + 1),
                           bottom = std::max(out.bottom(), tile.row + 1);
        out.x = std::min(out.x, tile.col);
        out.y = std::min(out.y, tile.row);
        out.width = right - out.x;
        out.height = bottom - out.y;
    }
    return out;
}

/// Each tile as a pixel.
Prediction prediction_of_tiles(const LabelledTiles& tiles, const Window& listed, int channels) {
    Prediction out;
    out.reset(listed, channels);
    std::fill(out.valid.begin(), out.valid.end(), std::uint8_t{0});
    std::fill(out.values.begin(), out.values.end(), 0.0F);
    for (std::size_t i = 0; i < tiles.tiles.size(); ++i) {
        const auto& scores = tiles.labels[i].scores;
        if (scores.empty()) continue;
        const auto at = static_cast<std::size_t>((tiles.tiles[i].row - listed.y) * listed.width +
                                                 tiles.tiles[i].col - listed.x);
        out.valid[at] = 1;
        for (int c = 0; c < channels; ++c) out.channel(c)[at] = scores[static_cast<std::size_t>(c)];
    }
    return out;
}

}  // namespace

std::string label_raster_path(const std::string& product) {
    return std::filesystem::path(product).replace_extension(".tiles.tif").string();
}

Grid tile_pixels(const Grid& scores, const TileSteps& steps, const Window& tiles) {
    Grid out;
    out.width = tiles.width;
    out.height = tiles.height;
    const Georeference& from = scores.georeference;
    Georeference& to = out.georeference;
    const auto x = static_cast<double>(steps.x + tiles.x * steps.width),
               y = static_cast<double>(steps.y + tiles.y * steps.height),
               across = static_cast<double>(steps.width), down = static_cast<double>(steps.height);
    to.crs_wkt = from.crs_wkt;
    to.tiff_tags = from.tiff_tags;
    to.area_or_point = from.area_or_point;
    to.gcp_crs_wkt = from.gcp_crs_wkt;
    for (auto point : from.gcps) {
        point.pixel = (point.pixel - x) / across;
        point.line = (point.line - y) / down;
        to.gcps.push_back(point);
    }
    if (!from.has_geotransform) return out;
    const auto& gt = from.geotransform;
    to.has_geotransform = true;
    to.geotransform = {gt[0] + x * gt[1] + y * gt[2], gt[1] * across, gt[2] * down,
                       gt[3] + x * gt[4] + y * gt[5], gt[4] * across, gt[5] * down};
    return out;
}

void write_label_raster(const LabelRaster& raster, const std::string& part, AssembleJob& job) {
    const auto product = raster_of(raster.definition, raster.context);
    const Window listed = tiles_listed(raster.tiles.tiles);
    job.format = product->format();
    job.grid = tile_pixels(job.grid, raster.steps, listed);
    const Prediction pixels = prediction_of_tiles(raster.tiles, listed, raster.context.traits.channels);
    const auto band_count = static_cast<std::size_t>(job.format.bands);
    PartWriter writer(part, job.format, {listed.width, listed.height, job.block});
    for (std::int64_t y = 0; y < listed.height; y += job.block) {
        const Window rows{listed.x, listed.y + y, listed.width,
                          std::min<std::int64_t>(job.block, listed.height - y)};
        std::vector<std::byte> bytes(static_cast<std::size_t>(rows.area()) * band_count *
                                     size_of(job.format.type));
        product->encode(pixels, rows, bytes);
        writer.write_rows(y, rows.height, bytes);
    }
    const auto record = writer.close();
    job.parts = {{part, job.grid.window(), record.blocks}};
}

}  // namespace spectile::products
