#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "pipeline/model_card.hpp"
#include "prepare/statistics.hpp"
#include "raster/open_scene.hpp"
#include "spectile/error.hpp"
#include "training/frozen_step.hpp"
#include "training/gpt_card.hpp"
#include "training/prepared_scenes.hpp"

namespace spectile::training {
namespace {

constexpr std::int64_t kStatisticsRows = 256;

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

bool is_gpt(const std::string& architecture) { return architecture == "spectral_gpt"; }

/// The scene's usable bands, and how the finished model finds them.
void take_bands(const Training& training, const SceneInfo& scene, ModelCard& card) {
    card.bands.clear();
    for (const auto& band : scene.bands)
        if (!band.bad) card.bands.push_back({band.name, band.wavelength_nm, band.fwhm_nm});
    if (card.bands.empty())
        throw Error(Code::scene,
                    fmt::format("{}: every band is marked bad; nothing is left to train on", scene.name));
    card.matching = matching_for(training, card.bands);
}

/// The card of a model that is fine-tuned: what its weights are used to, and the new classes.
/// An encoder of SpectralGPT may be given another preparation, and then the scene's bands, for another task.
ModelCard card_to_tune(const Training& training, const ModelCard& start, const SceneInfo& scene) {
    if (!training.architecture.empty() && training.architecture != start.architecture)
        throw Error(Code::definition,
                    fmt::format("{}: architecture: is {}, and start is {}; leave the key out", training.file,
                                training.architecture, start.architecture));
    const bool other = is_gpt(start.architecture) && is_of_other_task(start, gpt_task(training));
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
    if (is_gpt(start.architecture)) parameters.erase("task");
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

/// Takes a last step `whiten: {from: training}` off the card and gives its shrinkage.
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

/// Figures of the bands that enter step `n`, over the scenes in their order.
std::vector<BandStatistics> statistics_of(const std::vector<const Scene*>& scenes,
                                          const std::vector<const prepare::Chain*>& chains, std::size_t n) {
    std::vector<prepare::BandMoments> moments;
    std::vector<BandStatistics> statistics;
    const auto pass = [&](const auto& use) {
        Cube cube;
        for (std::size_t i = 0; i < scenes.size(); ++i) {
            const auto reader = scenes[i]->reader();
            const Window whole = scenes[i]->info().grid.window();
            for (std::int64_t y = 0; y < whole.height; y += kStatisticsRows) {
                reader->read(intersect({0, y, whole.width, kStatisticsRows}, whole),
                             chains[i]->source_bands(), cube);
                chains[i]->apply_prefix(cube, n);
                use(cube);
            }
        }
    };
    pass([&](const Cube& cube) { prepare::merge(moments, prepare::moments_of(cube)); });
    statistics = prepare::finish(moments);
    if (statistics.empty() || statistics.front().count == 0)
        throw Error(Code::scene,
                    fmt::format("{}: no pixel is valid in every band", scenes.front()->info().name));
    if (chains.front()->step(n).needs() == Needs::histogram)
        pass([&](const Cube& cube) { prepare::count_values(cube, statistics); });
    return statistics;
}

/// Gives every scene's own statistics to the steps that stay from scene; true where a step to freeze comes
/// next.
bool advance(TrainingScenes& all) {
    for (std::size_t i = 0; i < all.chains.size(); ++i) {
        auto& chain = all.chains[i];
        while (const auto next = chain.next_statistics_step()) {
            if (can_freeze(chain.links()[*next].name)) {
                if (i + 1 == all.chains.size()) return true;
                break;
            }
            chain.set_statistics(*next, statistics_of({all.scenes[i].get()}, {&chain}, *next));
        }
    }
    return false;
}

/// Turns the next whole-scene step of the card into numbers.
void freeze_next(TrainingScenes& all) {
    const auto n = *all.chains.front().next_statistics_step();
    const std::string name = all.chains.front().links()[n].name;
    std::vector<const Scene*> scenes;
    std::vector<const prepare::Chain*> chains;
    for (std::size_t i = 0; i < all.scenes.size(); ++i) {
        scenes.push_back(all.scenes[i].get());
        chains.push_back(&all.chains[i]);
    }
    freeze_step(all.card, name, statistics_of(scenes, chains, n));
}

}  // namespace

ModelCard card_for(const Training& training, const std::optional<ModelCard>& start, const SceneInfo& scene) {
    if (training.classes.size() < 2)
        throw Error(Code::definition, fmt::format("{}: classes: at least two are needed", training.file));
    return start ? card_to_tune(training, *start, scene) : card_to_be(training, scene);
}

TrainingScenes open_training_scenes(const Training& training) {
    TrainingScenes all;
    if (!training.start.empty()) all.start = read_model_card(training.start);
    const bool gpt = is_gpt(all.start ? all.start->architecture : training.architecture);
    for (const auto& definition : training.scenes) {
        if (definition.change && !gpt)
            throw Error(Code::definition,
                        fmt::format("{}: only spectral_gpt learns from before and after, other architectures "
                                    "from single scenes; give path",
                                    training.file));
        all.scenes.push_back(open_scene(definition));
    }
    all.card = card_for(training, all.start, all.scenes.front()->info());
    if (!all.start) all.whitening = take_whitening(all.card);
    const std::string task = gpt ? gpt_task(training) : std::string();
    if (gpt) set_gpt_task(all.card, task);
    const auto make_chains = [&] {
        all.chains.clear();
        for (const auto& scene : all.scenes)
            all.chains.push_back(prepare::make_chain(scene->info(), {}, all.card));
    };
    make_chains();
    while (advance(all)) {
        freeze_next(all);
        make_chains();
    }
    nlohmann::json parameters = nlohmann::json::parse(all.card.parameters);
    const auto entering = all.chains.front().bands().size();
    parameters["bands"] = gpt ? bands_of_date(training, task, entering) : entering;
    all.card.parameters = parameters.dump();
    return all;
}

}  // namespace spectile::training
