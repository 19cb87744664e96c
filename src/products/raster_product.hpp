#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "spectile/cube.hpp"
#include "spectile/data_type.hpp"
#include "spectile/model.hpp"
#include "spectile/pipeline.hpp"
#include "spectile/scene.hpp"

// A product is a finished file. Raster products turn predictions into typed pixels (`encode`, pure and const,
// called from many threads); the files themselves are written part by part (part_writer.hpp), joined
// (assemble.hpp) and published by renames (publish.hpp). Everything that is not a raster is made from the
// finished rasters.

namespace spectile::products {

enum class OverviewResampling { mode, average, nearest };

/// How a raster product is stored.
struct RasterFormat {
    DataType type = DataType::Byte;
    int bands = 1;
    std::optional<double> nodata;
    double scale = 1, offset = 0;  ///< value = scale * stored + offset
    std::vector<std::string> band_names;
    std::vector<BandInfo> band_infos;  ///< Wavelengths for outputs that keep bands; may be empty.
    std::vector<std::array<std::uint8_t, 4>> colors;  ///< Colour table; empty = none.
    std::vector<std::string> categories;              ///< Dense from 0; empty = none.
    std::optional<std::pair<double, double>> range;   ///< Of values, for colours on a ramp.
    OverviewResampling overviews = OverviewResampling::average;
};

/// What a raster product is encoded from: the model's prediction, or what each pixel rests on, a prediction
/// of kSupportChannels channels (tiles that fed it, dates measured, bands measured, scene that owns it).
enum class Source { prediction, support };
constexpr int kSupportChannels = 4;

/// What a product may ask when it is made.
struct ProductContext {
    const ModelCard& card;
    const ModelTraits& traits;
    const SceneInfo& scene;
    const std::vector<BandInfo>& bands;  ///< Bands that enter the model.
    bool lossy = false;  ///< `--lossy`: types that float32 cannot hold are written as Float32.
};

/// Turns predictions into pixels of one file. Predictions hold probabilities (softmax or sigmoid is
/// the runner's work), so that blended tiles, thresholds and confidence mean the same for every network.
class RasterProduct {
public:
    virtual ~RasterProduct() = default;
    virtual const RasterFormat& format() const = 0;
    virtual Source source() const { return Source::prediction; }
    /// Encodes the pixels of `window` (inside prediction.window) as [bands, rows, cols] values of
    /// format().type. Pixels that are not valid become nodata. Thread-safe.
    virtual void encode(const Prediction& prediction, const Window& window,
                        std::span<std::byte> out) const = 0;
};

/// Whether a kind of product is a file of features, read off the finished scores.
bool has_features(const std::string& kind);

/// nullptr for kinds that are no rasters (report, provenance, ...). Throws Error{Code::definition} for
/// unknown kinds, kinds that do not fit the task, and bad parameters.
std::unique_ptr<RasterProduct> make_raster_product(const ProductDefinition& definition,
                                                   const ProductContext& context);

}  // namespace spectile::products
