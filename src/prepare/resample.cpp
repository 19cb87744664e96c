#include <fmt/format.h>

#include "prepare/parameters.hpp"
#include "prepare/resampling.hpp"
#include "spectile/error.hpp"

// resample: spectra at other wavelengths, as weighted sums of the bands that enter.
namespace spectile::prepare {
namespace {

const std::vector<StepKey> kResampleKeys = {
    {"to", "wavelengths in nm", ""},
    {"method", "linear or gaussian (each target as a Gaussian of its FWHM)", "\"linear\""},
    {"fwhm", "full width at half maximum of the targets in nm; one number or one per target", ""}};

class Resample : public Step {
public:
    explicit Resample(const StepDefinition& definition) {
        const Parameters given(definition, kResampleKeys);
        place_ = given.place();
        method_ = given.one_of("method", {"linear", "gaussian"});
        const auto wavelengths = given.numbers("to");
        if (wavelengths.empty()) throw Error(Code::definition, place_ + ": to: give wavelengths in nm");
        auto widths = given.numbers("fwhm");
        if (method_ == "gaussian" && widths.empty())
            throw Error(Code::definition, place_ + ": fwhm: gaussian resampling needs it (nm)");
        if (!widths.empty()) widths = per_band(widths, wavelengths.size(), place_, "fwhm");
        for (std::size_t i = 0; i < wavelengths.size(); ++i) {
            targets_.push_back({fmt::format("{} nm", wavelengths[i]), wavelengths[i], {}});
            if (!widths.empty()) targets_.back().fwhm_nm = widths[i];
        }
    }

    std::vector<BandInfo> bind(std::vector<BandInfo> bands) override {
        mixes_ = resampling_weights(bands, targets_, method_, [&](const std::string& what) {
            throw Error(Code::definition, place_ + ": " + what);
        });
        std::vector<BandInfo> result;
        for (const auto& target : targets_) {
            BandInfo band;
            band.name = target.name;
            band.wavelength_nm = target.wavelength_nm;
            band.fwhm_nm = target.fwhm_nm;
            band.unit = bands.front().unit;
            result.push_back(band);
        }
        return result;
    }
    void apply(Cube& cube) const override { mix_bands(mixes_, cube); }
    std::string describe() const override {
        return fmt::format("resample: to {} wavelengths from {} to {} nm ({})", targets_.size(),
                           targets_.front().wavelength_nm, targets_.back().wavelength_nm, method_);
    }

private:
    std::string place_, method_;
    std::vector<ResampleTarget> targets_;
    std::vector<BandMix> mixes_;
};

}  // namespace

StepEntry resample() {
    return {.name = "resample",
            .summary = "Spectra at other wavelengths, linearly or through Gaussian bands.",
            .make = [](const StepDefinition& definition) { return std::make_unique<Resample>(definition); },
            .keys = kResampleKeys,
            .example = R"({"to": [505, 512, 530], "method": "gaussian", "fwhm": 12})"};
}

}  // namespace spectile::prepare
