#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/checksum.hpp"
#include "core/text_file.hpp"
#include "prepare/band_mix.hpp"
#include "prepare/parameters.hpp"
#include "spectile/error.hpp"

// whiten: stored components (PCA, MNF) of each spectrum: component_k = sum_b C[k][b] * (x_b - mean_b) /
// scale_k.
namespace spectile::prepare {
namespace {

const std::vector<StepKey> kWhitenKeys = {
    {"file", "JSON file with mean, components and scale, instead of giving them here", ""},
    {"mean", "is subtracted; one number or one per band", ""},
    {"components", "list of components, each a list of one weight per band", ""},
    {"scale", "divides each component (its standard deviation); one number or one per component", "1"},
    {"from",
     "of trainings: training = fitted to the training pixels, so that bands scatter alike and independently "
     "within the classes; the last step, and no mean or components",
     ""},
    {"shrinkage", "of `from`: share of the identity in the covariance", ""},
    {"keep", "how many components, from the first; 0: all", "0"}};

class Whiten : public Step {
public:
    explicit Whiten(const StepDefinition& definition) {
        Parameters given(definition, kWhitenKeys);
        place_ = given.place();
        if (given.has("from"))
            given.refuse("from", "is for trainings; a pipeline or a card gives mean and components");
        if (given.has("file")) read_file(given);
        mean_ = given.numbers("mean");
        if (mean_.empty()) given.refuse("mean", "numbers are needed");
        components_ = given.rows("components");
        scale_ = per_band(given.numbers("scale"), components_.size(), place_, "scale");
        const auto keep = given.whole("keep", 0, static_cast<std::int64_t>(components_.size()));
        if (keep > 0) components_.resize(static_cast<std::size_t>(keep));
        for (const double value : scale_)
            if (!(value > 0)) given.refuse("scale", fmt::format("{} is not positive", value));
        digest_ = sha256_of(nlohmann::json{mean_, components_, scale_}.dump());
    }

    std::vector<BandInfo> bind(std::vector<BandInfo> bands) override {
        if (components_[0].size() != bands.size())
            throw Error(Code::definition,
                        fmt::format("{}: components have {} weights but {} bands enter the step", place_,
                                    components_[0].size(), bands.size()));
        mean_ = per_band(mean_, bands.size(), place_, "mean");
        make_mixes();
        std::vector<BandInfo> result(components_.size());
        for (std::size_t k = 0; k < result.size(); ++k) result[k].name = fmt::format("component {}", k + 1);
        return result;
    }
    void apply(Cube& cube) const override {
        for (int band = 0; band < cube.bands; ++band) {
            const auto mean = static_cast<float>(mean_[static_cast<std::size_t>(band)]);
            for (float& value : cube.band(band)) value -= mean;
        }
        mix_bands(mixes_, cube);
    }
    std::string describe() const override {
        return fmt::format("whiten: {} components of {} bands (numbers {})", components_.size(),
                           components_[0].size(), digest_.substr(0, 16));
    }

private:
    static void read_file(Parameters& given) {
        const auto& name = given.value("file");
        if (!name.is_string()) given.refuse("file", "a file name is needed");
        const auto path = (std::filesystem::path(given.base()) / name.get<std::string>()).string();
        const auto stored = nlohmann::json::parse(read_text_file(path), nullptr, false);
        if (!stored.is_object())
            given.refuse("file", path + " is not a JSON object with mean and components");
        given.merge(stored);
    }
    void make_mixes() {
        mixes_.clear();
        for (std::size_t k = 0; k < components_.size(); ++k) {
            auto& mix = mixes_.emplace_back();
            for (std::size_t band = 0; band < components_[k].size(); ++band) {
                mix.sources.push_back(static_cast<int>(band));
                mix.weights.push_back(static_cast<float>(components_[k][band] / scale_[k]));
            }
        }
    }

    std::string place_, digest_;
    std::vector<double> mean_, scale_;
    std::vector<std::vector<double>> components_;
    std::vector<BandMix> mixes_;
};

}  // namespace

StepEntry whiten() {
    return {
        .name = "whiten",
        .summary = "Stored PCA or MNF components of each spectrum.",
        .make = [](const StepDefinition& definition) { return std::make_unique<Whiten>(definition); },
        .keys = kWhitenKeys,
        .example =
            R"({"mean": 0.5, "components": [[0.5, 0.5, 0.5, 0.5, 0], [0.5, -0.5, 0.5, -0.5, 0.1]], "scale": [2, 0.5]})"};
}

}  // namespace spectile::prepare
