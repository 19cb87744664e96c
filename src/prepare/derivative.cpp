#include <fmt/format.h>

#include "prepare/band_mix.hpp"
#include "prepare/parameters.hpp"
#include "spectile/error.hpp"

// derivative: differences of neighbouring bands divided by their distance in nm.
namespace spectile::prepare {
namespace {

const std::vector<StepKey> kDerivativeKeys = {
    {"order", "1 or 2: how often the difference is taken", "1"},
    {"keep_bands",
     "true: central differences, as many bands as enter; false: forward differences, one band less per order",
     "false"}};

class Derivative : public Step {
public:
    explicit Derivative(const StepDefinition& definition) {
        const Parameters given(definition, kDerivativeKeys);
        place_ = given.place();
        order_ = static_cast<int>(given.whole("order", 1, 2));
        keep_bands_ = given.boolean("keep_bands");
    }

    std::vector<BandInfo> bind(std::vector<BandInfo> bands) override {
        passes_.clear();
        for (int pass = 0; pass < order_; ++pass) {
            check(bands);
            bands = keep_bands_ ? central(bands) : forward(bands);
        }
        return bands;
    }
    void apply(Cube& cube) const override {
        for (const auto& mixes : passes_) mix_bands(mixes, cube);
    }
    std::string describe() const override {
        return fmt::format("derivative: order {}, {} differences per nm", order_,
                           keep_bands_ ? "central" : "forward");
    }

private:
    void check(const std::vector<BandInfo>& bands) const {
        if (bands.size() < 2) throw Error(Code::definition, place_ + ": at least two bands must enter");
        for (const auto& band : bands)
            if (!band.wavelength_nm)
                throw Error(Code::definition,
                            fmt::format("{}: band '{}' has no wavelength; give scene: {{wavelengths: FILE}}",
                                        place_, band.name));
        for (std::size_t band = 1; band < bands.size(); ++band)
            if (!(*bands[band].wavelength_nm > *bands[band - 1].wavelength_nm))
                throw Error(
                    Code::definition,
                    fmt::format(
                        "{}: wavelengths must rise, but {} nm follows {} nm; choose bands with select first",
                        place_, *bands[band].wavelength_nm, *bands[band - 1].wavelength_nm));
    }
    static BandMix difference(const std::vector<BandInfo>& bands, std::size_t a, std::size_t b) {
        const double distance = *bands[b].wavelength_nm - *bands[a].wavelength_nm;
        return {{static_cast<int>(b), static_cast<int>(a)},
                {static_cast<float>(1 / distance), static_cast<float>(-1 / distance)}};
    }
    std::vector<BandInfo> forward(const std::vector<BandInfo>& bands) {
        auto& mixes = passes_.emplace_back();
        std::vector<BandInfo> result;
        for (std::size_t band = 0; band + 1 < bands.size(); ++band) {
            mixes.push_back(difference(bands, band, band + 1));
            auto& info = result.emplace_back();
            info.wavelength_nm = (*bands[band].wavelength_nm + *bands[band + 1].wavelength_nm) / 2;
            info.name = fmt::format("slope at {:.2f} nm", *info.wavelength_nm);
        }
        return result;
    }
    std::vector<BandInfo> central(std::vector<BandInfo> bands) {
        auto& mixes = passes_.emplace_back();
        for (std::size_t band = 0; band < bands.size(); ++band)
            mixes.push_back(
                difference(bands, band == 0 ? 0 : band - 1, band + 1 == bands.size() ? band : band + 1));
        for (auto& band : bands) band.unit.clear();
        return bands;
    }

    std::string place_;
    int order_ = 1;
    bool keep_bands_ = false;
    std::vector<std::vector<BandMix>> passes_;
};

}  // namespace

StepEntry derivative() {
    return {.name = "derivative",
            .summary = "Spectral derivative per nm.",
            .make = [](const StepDefinition& definition) { return std::make_unique<Derivative>(definition); },
            .keys = kDerivativeKeys};
}

}  // namespace spectile::prepare
