#include "training/training_scenes.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "pipeline/model_card.hpp"
#include "prepare/statistics.hpp"
#include "raster/open_scene.hpp"
#include "spectile/error.hpp"
#include "training/frozen_step.hpp"
#include "training/gpt_card.hpp"
#include "training/training_card.hpp"

namespace spectile::training {
namespace {

constexpr std::int64_t kStatisticsRows = 256;

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

TrainingScenes open_training_scenes(const Training& training) {
    TrainingScenes all;
    if (!training.start.empty()) all.start = read_model_card(training.start);
    const bool gpt = (all.start ? all.start->architecture : training.architecture) == "spectral_gpt";
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
