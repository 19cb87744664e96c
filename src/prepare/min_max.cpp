#include <cmath>
#include <utility>

#include "prepare/stretch.hpp"
#include "prepare/tile_step.hpp"
#include "prepare/validity.hpp"
#include "spectile/error.hpp"

// min_max: [min, max] of each band to one range. Values outside are not clipped.
namespace spectile::prepare {
namespace {

const std::vector<StepKey> kMinMaxKeys = {
    {"min", "goes to the start of the range; one number or one per band", ""},
    {"max", "goes to the end of the range; one number or one per band", ""},
    {"from",
     "given: min and max stand here; scene: of the whole scene; tile: of the window that the network reads",
     "\"given\""},
    {"to", "the range that results", "[0, 1]"},
    {"eps", "is added to max - min", "0"}};

double eps_of(const Parameters& given) {
    const double eps = given.number("eps");
    if (!(eps >= 0)) given.refuse("eps", fmt::format("{} is below 0", eps));
    return eps;
}

class MinMax : public BandwiseStep {
public:
    explicit MinMax(const StepDefinition& definition) {
        const Parameters given(definition, kMinMaxKeys);
        place_ = given.place();
        from_scene_ = given.one_of("from", {"given", "scene", "tile"}) == "scene";
        stretch_.read_range(given);
        stretch_.eps = eps_of(given);
        stretch_.low = given.numbers("min");
        stretch_.high = given.numbers("max");
        if (from_scene_ && !(stretch_.low.empty() && stretch_.high.empty()))
            throw Error(Code::definition, place_ + ": from: scene works out min and max; leave them out");
        if (!from_scene_ && (stretch_.low.empty() || stretch_.high.empty()))
            throw Error(Code::definition, place_ + ": give min and max, or from: scene, or from: tile");
    }

    std::vector<BandInfo> bind(std::vector<BandInfo> bands) override {
        if (from_scene_) return bands;
        stretch_.low = per_band(stretch_.low, bands.size(), place_, "min");
        stretch_.high = per_band(stretch_.high, bands.size(), place_, "max");
        for (std::size_t band = 0; band < bands.size(); ++band)
            if (stretch_.low[band] >= stretch_.high[band])
                throw Error(Code::definition, fmt::format("{}: min {} is not below max {}", place_,
                                                          stretch_.low[band], stretch_.high[band]));
        return bands;
    }
    Needs needs() const override { return from_scene_ ? Needs::moments : Needs::nothing; }
    void set_statistics(const std::vector<BandStatistics>& bands) override {
        stretch_.low.clear();
        stretch_.high.clear();
        for (const auto& band : bands) {
            stretch_.low.push_back(band.minimum);
            stretch_.high.push_back(band.maximum);
        }
    }
    void apply_band(int band, std::span<float> values) const override { stretch_.apply(band, values); }
    std::string describe() const override {
        const auto range = fmt::format("to [{}, {}]", stretch_.from, stretch_.to);
        if (from_scene_ && stretch_.low.empty()) return "min_max: min and max of the whole scene " + range;
        return fmt::format("min_max: min {}, max {} {}", figures(stretch_.low), figures(stretch_.high),
                           range);
    }

private:
    std::string place_;
    bool from_scene_ = false;
    Stretch stretch_;
};

/// Least and greatest value of a band's measured pixels; low = high = 0 where there is none.
std::pair<double, double> range_of(std::span<const float> values, const std::vector<std::uint8_t>& valid) {
    float low = INFINITY, high = -INFINITY;
    for (std::size_t i = 0; i < values.size(); ++i) {
        low = valid[i] && values[i] < low ? values[i] : low;
        high = valid[i] && values[i] > high ? values[i] : high;
    }
    return low <= high ? std::pair{double{low}, double{high}} : std::pair{0.0, 0.0};
}

/// What is invalid takes no part. Pixels beyond the scene's edge are copies, so they move no extreme.
class TileMinMax final : public TileStep {
public:
    explicit TileMinMax(const StepDefinition& definition) {
        const Parameters given(definition, kMinMaxKeys);
        stretch_.read_range(given);
        stretch_.eps = eps_of(given);
        if (given.has("min") || given.has("max"))
            throw Error(Code::definition,
                        given.place() + ": from: tile works out min and max; leave them out");
    }
    void apply(Cube& cube) const override {
        invalidate_not_finite(cube);
        Stretch own = stretch_;
        for (int band = 0; band < cube.bands; ++band) {
            const auto [low, high] = range_of(cube.band(band), cube.valid);
            own.low.push_back(low);
            own.high.push_back(high);
            own.apply(band, cube.band(band));
        }
    }
    std::string describe() const override {
        const std::string eps = stretch_.eps > 0 ? fmt::format(", eps {}", stretch_.eps) : "";
        return fmt::format("min_max: min and max of each tile to [{}, {}]{}", stretch_.from, stretch_.to,
                           eps);
    }

private:
    Stretch stretch_;
};

std::unique_ptr<Step> make_min_max(const StepDefinition& definition) {
    const bool tile =
        Parameters(definition, kMinMaxKeys).one_of("from", {"given", "scene", "tile"}) == "tile";
    if (tile) return std::make_unique<TileMinMax>(definition);
    return std::make_unique<MinMax>(definition);
}

}  // namespace

StepEntry min_max() {
    return {.name = "min_max",
            .summary = "Stretches each band's minimum and maximum to a range.",
            .make = make_min_max,
            .keys = kMinMaxKeys,
            .example = R"({"from": "scene"})"};
}

}  // namespace spectile::prepare
