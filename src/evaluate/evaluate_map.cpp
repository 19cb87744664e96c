#include "evaluate/evaluate_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "evaluate/class_source.hpp"
#include "products/pixel_area.hpp"
#include "raster/label_features.hpp"
#include "raster/labels.hpp"
#include "spectile/error.hpp"

namespace spectile::evaluate {
namespace {

// A multiple of the usual block sizes; 12 MB of values, labels and mask.
constexpr std::int64_t kWindow = 1024;
constexpr double kSquareMetresPerHectare = 10000;

/// The windows to judge: the squares asked for, or the whole grid in pieces.
std::vector<Window> windows_of(const Grid& grid, const MapEvaluation& evaluation) {
    std::vector<Window> windows;
    const bool everything = evaluation.tiles.empty();
    const std::int64_t side = everything ? kWindow : evaluation.tile_size;
    if (side < 1) throw Error(Code::usage, "--tiles needs --tile-size: the side of the squares in pixels");
    const std::int64_t columns = (grid.width + side - 1) / side, rows = (grid.height + side - 1) / side;
    const auto add = [&](std::int64_t number) {
        const Window square{number % columns * side, number / columns * side, side, side};
        windows.push_back(intersect(square, grid.window()));
    };
    if (everything)
        for (std::int64_t number = 0; number < columns * rows; ++number) add(number);
    for (const int number : evaluation.tiles) {
        if (number < 0 || number >= columns * rows)
            throw Error(Code::usage,
                        fmt::format("--tiles: there is no tile {}; tiles of {} pixels run from 0 to {}",
                                    number, side, columns * rows - 1));
        add(number);
    }
    return windows;
}

/// Adds up, window by window, what the truth says. One object a judgement.
class Counter {
public:
    virtual ~Counter() = default;
    virtual void count(const Window& window, const std::vector<int>& map) = 0;
    virtual Confusion confusion() = 0;
};

class PixelCounter final : public Counter {
public:
    PixelCounter(const ClassSource& source, const MapEvaluation& evaluation)
        : labels_(source.grid(), evaluation.truth, source.classes()),
          ignore_(evaluation.truth.ignore),
          masked_(!evaluation.mask.empty()),
          confusion_(source.classes()) {}

    void count(const Window& window, const std::vector<int>& map) override {
        const auto truth = labels_.read(window);
        for (std::size_t pixel = 0; pixel < truth.size(); ++pixel) {
            if (truth[pixel] == ignore_) continue;
            if (map[pixel] != ClassSource::kNone)
                confusion_.add(truth[pixel], map[pixel]);
            else if (!masked_)
                confusion_.add_unpredicted();
        }
    }
    Confusion confusion() override { return confusion_; }

private:
    LabelReader labels_;
    int ignore_;
    bool masked_;
    Confusion confusion_;
};

class FeatureCounter final : public Counter {
public:
    FeatureCounter(const ClassSource& source, const MapEvaluation& evaluation)
        : features_(source.grid(), evaluation.truth, source.classes()),
          ignore_(evaluation.truth.ignore),
          masked_(!evaluation.mask.empty()),
          votes_(features_.classes().size()),
          met_(features_.classes().size(), false),
          confusion_(source.classes()) {}

    void count(const Window& window, const std::vector<int>& map) override {
        const auto features = features_.read(window);
        for (std::size_t pixel = 0; pixel < features.size(); ++pixel) {
            if (features[pixel] < 0) continue;
            const auto feature = static_cast<std::size_t>(features[pixel]);
            met_[feature] = true;
            if (map[pixel] != ClassSource::kNone) ++votes_[feature][map[pixel]];
        }
    }
    Confusion confusion() override {
        for (std::size_t f = 0; f < votes_.size(); ++f) {
            const int truth = features_.classes()[f];
            if (truth == ignore_) continue;
            const auto best =
                std::max_element(votes_[f].begin(), votes_[f].end(),
                                 [](const auto& a, const auto& b) { return a.second < b.second; });
            if (best != votes_[f].end())
                confusion_.add(truth, best->first);
            else if (met_[f] && !masked_)
                confusion_.add_unpredicted();
        }
        return confusion_;
    }

private:
    LabelFeatures features_;
    int ignore_;
    bool masked_;
    std::vector<std::map<int, std::uint64_t>> votes_;  ///< Pixels by class of the map, by feature.
    std::vector<bool> met_;                            ///< Features that cover a pixel of the windows.
    Confusion confusion_;
};

std::unique_ptr<Counter> counter_of(const ClassSource& source, const MapEvaluation& evaluation) {
    if (!evaluation.features) return std::make_unique<PixelCounter>(source, evaluation);
    if (!are_vector_labels(evaluation.truth.path))
        throw Error(Code::usage, fmt::format("--features: {} is a raster; only a vector has features",
                                             evaluation.truth.path));
    return std::make_unique<FeatureCounter>(source, evaluation);
}

/// Adds the area of each class of the map in a window: hectares where the grid says how large a pixel is.
void add_areas(const Window& window, const std::vector<int>& map, const products::PixelArea& area,
               std::map<int, double>& mapped) {
    for (std::int64_t row = 0; row < window.height; ++row) {
        std::map<int, std::uint64_t> pixels;
        const auto* line = map.data() + row * window.width;
        for (std::int64_t col = 0; col < window.width; ++col)
            if (line[col] != ClassSource::kNone) ++pixels[line[col]];
        const double size = area.known() ? area.of_row(window.y + row) / kSquareMetresPerHectare : 1;
        for (const auto& [value, count] : pixels) mapped[value] += static_cast<double>(count) * size;
    }
}

}  // namespace

Evaluation evaluate_map(const MapEvaluation& evaluation) {
    ClassSource source(evaluation);
    const auto windows = windows_of(source.grid(), evaluation);
    const auto counter = counter_of(source, evaluation);
    const products::PixelArea area(source.grid());
    std::map<int, double> mapped;
    for (const auto& window : windows) {
        const auto& map = source.read(window);
        counter->count(window, map);
        add_areas(window, map, area, mapped);
    }
    const Confusion confusion = counter->confusion();
    return {.accuracy = confusion.accuracy(),
            .weighted = estimate_areas(confusion, mapped, area.known() ? "ha" : "pixels"),
            .features = evaluation.features};
}

}  // namespace spectile::evaluate
