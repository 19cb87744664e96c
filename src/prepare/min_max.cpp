#include "prepare/stretch.hpp"
#include "spectile/error.hpp"

// min_max: [min, max] of each band to one range. Values outside are not clipped.
namespace spectile::prepare {
namespace {

const std::vector<StepKey> kMinMaxKeys = {
    {"min", "goes to the start of the range; one number or one per band", ""},
    {"max", "goes to the end of the range; one number or one per band", ""},
    {"from", "given: min and max stand here; scene: of the whole scene", "\"given\""},
    {"to", "the range that results", "[0, 1]"}};

class MinMax : public BandwiseStep {
public:
    explicit MinMax(const StepDefinition& definition) {
        const Parameters given(definition, kMinMaxKeys);
        place_ = given.place();
        from_scene_ = given.one_of("from", {"given", "scene"}) == "scene";
        stretch_.read_range(given);
        stretch_.low = given.numbers("min");
        stretch_.high = given.numbers("max");
        if (from_scene_ && !(stretch_.low.empty() && stretch_.high.empty()))
            throw Error(Code::definition, place_ + ": from: scene works out min and max; leave them out");
        if (!from_scene_ && (stretch_.low.empty() || stretch_.high.empty()))
            throw Error(Code::definition, place_ + ": give min and max, or from: scene");
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

}  // namespace

StepEntry min_max() {
    return {.name = "min_max",
            .summary = "Stretches each band's minimum and maximum to a range.",
            .make = [](const StepDefinition& definition) { return std::make_unique<MinMax>(definition); },
            .keys = kMinMaxKeys,
            .example = R"({"from": "scene"})"};
}

}  // namespace spectile::prepare
