#include "products/detection_features.hpp"

#include <gdal_alg.h>
#include <ogrsf_frmts.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <tuple>

#include "products/components.hpp"
#include "products/score_values.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

constexpr int kStripRows = 256;

/// Scores of a window as float32; pixels without measurement come out as -1.
class ScoreReader {
public:
    /// Of several channels the last is the target's, as in `mask`: (background, target), (unchanged,
    /// changed).
    explicit ScoreReader(GDALDataset& scores) : band_(*scores.GetRasterBand(scores.GetRasterCount())) {
        int has_nodata = 0;
        nodata_ = band_.GetNoDataValue(&has_nodata);
        has_nodata_ = has_nodata != 0;
        scale_ = score_scale(band_);
    }
    int width() const { return band_.GetXSize(); }
    int height() const { return band_.GetYSize(); }
    std::vector<float> read(const Window& w) const {
        std::vector<float> values = read_scores(band_, w);
        for (float& value : values)
            value = has_nodata_ && value == static_cast<float>(nodata_) ? -1.0F
                                                                        : static_cast<float>(value * scale_);
        return values;
    }

private:
    GDALRasterBand& band_;
    double nodata_ = 0, scale_ = 1;
    bool has_nodata_ = false;
};

/// A raster of 0 and 1 for GDAL's polygonize, which streams it.
DatasetHandle mask_of(const ScoreReader& scores, double threshold, const std::string& path) {
    DatasetHandle mask(
        driver_of("GTiff").Create(path.c_str(), scores.width(), scores.height(), 1, GDT_Byte, nullptr));
    if (!mask) throw Error(Code::write, path + ": cannot be made");
    std::vector<std::uint8_t> marks;
    for (int y = 0; y < scores.height(); y += kStripRows) {
        const int rows = std::min(kStripRows, scores.height() - y);
        const auto values = scores.read({0, y, scores.width(), rows});
        marks.resize(values.size());
        std::transform(values.begin(), values.end(), marks.begin(),
                       [&](float v) { return static_cast<std::uint8_t>(v > threshold); });
        if (mask->GetRasterBand(1)->RasterIO(GF_Write, 0, y, scores.width(), rows, marks.data(),
                                             scores.width(), rows, GDT_Byte, 0, 0, nullptr) != CE_None)
            throw Error(Code::write, path + ": cannot be written");
    }
    return mask;
}

/// Outlines of 8-connected sets may touch themselves at a corner; what comes out is valid.
std::unique_ptr<OGRGeometry> valid_outline(const OGRGeometry& outline) {
    const GdalErrors unheard;  // GEOS tells of each such corner.
    std::unique_ptr<OGRGeometry> valid(outline.IsValid() ? outline.clone() : outline.MakeValid());
    if (!valid) valid.reset(outline.clone());
    return std::unique_ptr<OGRGeometry>(OGRGeometryFactory::forceToMultiPolygon(valid.release()));
}

Window box_of(const OGRGeometry& outline) {
    OGREnvelope box;
    outline.getEnvelope(&box);
    const auto whole = [](double value) { return static_cast<std::int64_t>(std::lround(value)); };
    return {whole(box.MinX), whole(box.MinY), whole(box.MaxX) - whole(box.MinX),
            whole(box.MaxY) - whole(box.MinY)};
}

/// The component that reaches all four sides of the window: no second one can, as both would have to cross.
std::int32_t spanning(const Components& found, const Window& box) {
    const auto cols = static_cast<std::size_t>(box.width), rows = static_cast<std::size_t>(box.height);
    std::vector<std::uint8_t> sides(found.list.size() + 1);
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t col = 0; col < cols; ++col)
            sides[static_cast<std::size_t>(found.labels[row * cols + col])] |= static_cast<std::uint8_t>(
                (row == 0) | (row + 1 == rows) << 1 | (col == 0) << 2 | (col + 1 == cols) << 3);
    for (std::size_t label = 1; label < sides.size(); ++label)
        if (sides[label] == 15) return static_cast<std::int32_t>(label);
    throw Error(Code::internal, "no target spans its own box");
}

void measure(const ScoreReader& scores, double threshold, DetectionFeature& feature) {
    const auto values = scores.read(feature.box);
    std::vector<std::uint8_t> marks(values.size());
    std::transform(values.begin(), values.end(), marks.begin(),
                   [&](float v) { return static_cast<std::uint8_t>(v > threshold); });
    const auto found = components_of(marks, feature.box.width);
    const std::int32_t label = spanning(found, feature.box);
    const Component& target = found.list[static_cast<std::size_t>(label - 1)];
    feature.pixels = target.area;
    feature.x = static_cast<double>(feature.box.x) + target.col + 0.5;
    feature.y = static_cast<double>(feature.box.y) + target.row + 0.5;
    for (std::size_t i = 0; i < values.size(); ++i)
        if (found.labels[i] == label) {
            feature.mean_score += values[i];
            feature.max_score = std::max(feature.max_score, double{values[i]});
        }
    feature.mean_score /= static_cast<double>(target.area);
}

}  // namespace

std::vector<DetectionFeature> find_detections(GDALDataset& scores, double threshold,
                                              const std::string& scratch) {
    const ScoreReader reader(scores);
    const auto mask = mask_of(reader, threshold, scratch);
    DatasetHandle shapes(driver_of("Memory").Create("", 0, 0, 0, GDT_Unknown, nullptr));
    OGRLayer* layer = shapes ? shapes->CreateLayer("outlines", nullptr, wkbPolygon, nullptr) : nullptr;
    char* eight[] = {const_cast<char*>("8CONNECTED=8"), nullptr};
    GDALRasterBand* band = mask->GetRasterBand(1);
    if (!layer ||
        GDALPolygonize(band, band, OGRLayer::ToHandle(layer), -1, eight, nullptr, nullptr) != CE_None)
        throw Error(Code::internal, "the outlines of targets cannot be made");
    std::vector<DetectionFeature> features;
    for (const auto& shape : *layer) {
        DetectionFeature feature;
        feature.outline = valid_outline(*shape->GetGeometryRef());
        feature.box = box_of(*feature.outline);
        measure(reader, threshold, feature);
        features.push_back(std::move(feature));
    }
    std::sort(features.begin(), features.end(), [](const auto& a, const auto& b) {
        return std::tie(a.box.y, a.box.x, a.box.height, a.box.width) <
               std::tie(b.box.y, b.box.x, b.box.height, b.box.width);
    });
    std::error_code ignored;
    std::filesystem::remove(scratch, ignored);
    return features;
}

}  // namespace spectile::products
