#include "training/training_card.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "spectile/error.hpp"
#include "training/gpt_card.hpp"

namespace spectile::training {
namespace {

constexpr const char* kGpt = "spectral_gpt";

/// How the finished model finds its bands, unless the definition says so.
BandMatching matching_for(const Training& training, const std::vector<ModelBand>& bands) {
    BandMatching matching = training.matching;
    if (matching.by != "wavelength") return matching;
    std::set<std::string> names;
    bool wavelengths = true;
    for (const auto& band : bands) {
        wavelengths = wavelengths && band.wavelength_nm.has_value();
        if (!band.name.empty()) names.insert(band.name);
    }
    if (!wavelengths) matching.by = names.size() == bands.size() ? "name" : "position";
    return matching;
}

/// What the definition alone says of the card.
ModelCard card_from(const Training& training) {
    ModelCard card;
    card.file = training.file;
    card.name = training.name;
    card.summary = training.summary;
    card.task = Task::classification;
    card.architecture = training.architecture;
    card.quantity = training.quantity;
    card.prepare = training.prepare;
    card.classes = training.classes;
    card.nodata = training.nodata;
    card.licence = training.licence;
    return card;
}

/// The card of a model that is fine-tuned: what its weights are used to, and the new classes.
/// An encoder of SpectralGPT may be given another preparation, and then the scene's bands, for another task.
ModelCard card_to_tune(const Training& training, const ModelCard& start, const SceneInfo& scene) {
    if (!training.architecture.empty() && training.architecture != start.architecture)
        throw Error(Code::definition,
                    fmt::format("{}: architecture: is {}, and start is {}; leave the key out", training.file,
                                training.architecture, start.architecture));
    const bool other = start.architecture == kGpt && is_of_other_task(start, gpt_task(training));
    if (!training.prepare.empty() && !other)
        throw Error(Code::definition,
                    fmt::format("{}: prepare: comes from start; leave the key out", training.file));
    ModelCard card = card_from(training);
    card.architecture = start.architecture;
    card.bands = start.bands;
    card.matching = start.matching;
    if (card.prepare.empty()) card.prepare = start.prepare;
    if (card.quantity.empty()) card.quantity = start.quantity;
    if (other && !training.prepare.empty()) take_bands(training, scene, card);
    if (other && scene.dates == 2 && training.prepare.empty())
        card.bands.insert(card.bands.end(), start.bands.begin(), start.bands.end());
    nlohmann::json parameters = nlohmann::json::parse(start.parameters);
    if (start.architecture == kGpt) parameters.erase("task");
    parameters.merge_patch(nlohmann::json::parse(training.parameters));
    parameters["classes"] = card.classes.size();
    card.parameters = parameters.dump();
    return card;
}

ModelCard card_to_be(const Training& training, const SceneInfo& scene) {
    ModelCard card = card_from(training);
    take_bands(training, scene, card);
    nlohmann::json parameters = nlohmann::json::parse(training.parameters);
    parameters["classes"] = card.classes.size();
    card.parameters = parameters.dump();
    return card;
}

}  // namespace

void take_bands(const Training& training, const SceneInfo& scene, ModelCard& card) {
    card.bands.clear();
    for (const auto& band : scene.bands)
        if (!band.bad) card.bands.push_back({band.name, band.wavelength_nm, band.fwhm_nm});
    if (card.bands.empty())
        throw Error(Code::scene,
                    fmt::format("{}: every band is marked bad; nothing is left to train on", scene.name));
    card.matching = matching_for(training, card.bands);
}

std::optional<double> take_whitening(ModelCard& card) {
    for (std::size_t i = 0; i < card.prepare.size(); ++i) {
        const auto& step = card.prepare[i];
        const nlohmann::json parameters = nlohmann::json::parse(step.parameters);
        if (step.name != "whiten" || !parameters.contains("from")) continue;
        const auto fail = [&](const std::string& what) {
            throw Error(Code::definition, fmt::format("{}:{}: whiten: {}", card.file, step.mark.line, what));
        };
        const nlohmann::json shrinkage = parameters.value("shrinkage", nlohmann::json(0.1));
        if (parameters.at("from") != "training") fail("from: must be training; or give mean and components");
        if (i + 1 != card.prepare.size()) fail("from training must be the last step");
        if (!shrinkage.is_number() || shrinkage < 0 || shrinkage > 1)
            fail("shrinkage must be between 0 and 1");
        if (parameters.size() > (parameters.contains("shrinkage") ? 2U : 1U))
            fail("from training takes shrinkage and nothing else");
        card.prepare.pop_back();
        return shrinkage.get<double>();
    }
    return std::nullopt;
}

void add_preparation(const ModelCard& card, nlohmann::ordered_json& said) {
    auto steps = nlohmann::ordered_json::array(), bands = nlohmann::ordered_json::array();
    for (const auto& step : card.prepare) steps.push_back({step.name, step.parameters});
    for (const auto& band : card.bands)
        bands.push_back({band.name, band.wavelength_nm.value_or(0), band.fwhm_nm.value_or(0)});
    said["prepare"] = std::move(steps);
    said["bands"] = std::move(bands);
    said["matching"] = {card.matching.by, card.matching.tolerance_nm, card.matching.resample};
}

ModelCard card_for(const Training& training, const std::optional<ModelCard>& start, const SceneInfo& scene) {
    if (training.classes.size() < 2)
        throw Error(Code::definition, fmt::format("{}: classes: at least two are needed", training.file));
    return start ? card_to_tune(training, *start, scene) : card_to_be(training, scene);
}

}  // namespace spectile::training
