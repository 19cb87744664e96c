#include "prepare/standardise.hpp"

#include <fmt/format.h>

#include "prepare/parameters.hpp"
#include "spectile/error.hpp"

namespace spectile::prepare {
namespace {

const std::vector<StepKey> kStandardiseKeys = {
    {"mean", "is subtracted; one number or one per band", ""},
    {"std", "divides; one number or one per band; 0 counts as 1", ""},
    {"from", "card: mean and std stand here; scene: whole-scene mean and population standard deviation",
     "\"card\""}};

}  // namespace

Standardise::Standardise(const StepDefinition& definition) {
    const Parameters given(definition, kStandardiseKeys);
    place_ = given.place();
    from_scene_ = given.one_of("from", {"card", "scene"}) == "scene";
    mean_ = given.numbers("mean");
    std_ = given.numbers("std");
    if (from_scene_ && !(mean_.empty() && std_.empty()))
        throw Error(Code::definition, place_ + ": from: scene works out mean and std; leave them out");
    if (!from_scene_ && (mean_.empty() || std_.empty()))
        throw Error(Code::definition, place_ + ": give mean and std, or from: scene");
    for (double& value : std_) {
        if (value < 0) given.refuse("std", fmt::format("{} is negative", value));
        if (value == 0) value = 1;
    }
}

std::vector<BandInfo> Standardise::bind(std::vector<BandInfo> bands) {
    if (from_scene_) return bands;
    mean_ = per_band(mean_, bands.size(), place_, "mean");
    std_ = per_band(std_, bands.size(), place_, "std");
    return bands;
}

void Standardise::set_statistics(const std::vector<BandStatistics>& bands) {
    mean_.clear();
    std_.clear();
    for (const auto& band : bands) {
        mean_.push_back(band.mean);
        std_.push_back(band.standard_deviation > 0 ? band.standard_deviation : 1);
    }
}

void Standardise::apply_band(int band, std::span<float> values) const {
    const auto mean = static_cast<float>(mean_[static_cast<std::size_t>(band)]);
    const auto deviation = static_cast<float>(std_[static_cast<std::size_t>(band)]);
    for (float& value : values) value = (value - mean) / deviation;
}

std::string Standardise::describe() const {
    if (from_scene_ && mean_.empty()) return "standardise: mean and std of the whole scene";
    return fmt::format("standardise: mean {}, std {}{}", figures(mean_), figures(std_),
                       from_scene_ ? " (whole scene)" : "");
}

StepEntry standardise() {
    return {
        .name = "standardise",
        .summary = "Subtracts a mean and divides by a standard deviation, per band.",
        .make = [](const StepDefinition& definition) { return std::make_unique<Standardise>(definition); },
        .keys = kStandardiseKeys,
        .example = R"({"from": "scene"})"};
}

}  // namespace spectile::prepare
