#include "run/bench.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "core/serially.hpp"
#include "kernels/target.hpp"
#include "models/entries/registry.hpp"
#include "models/entries/spectral_gpt_config.hpp"
#include "pipeline/model_card.hpp"
#include "run/bench_store.hpp"
#include "run/machine_rates.hpp"
#include "run/parallel.hpp"

namespace spectile::run {
namespace {

using Clock = std::chrono::steady_clock;

/// A cube of fixed pseudo-random values around 0, all valid: what a standardised tile looks like.
Cube random_cube(int bands, std::int64_t size) {
    Cube cube;
    cube.reset({0, 0, size, size}, bands);
    std::uint32_t state = 12345;
    for (auto& value : cube.values) {
        state = state * 1664525U + 1013904223U;
        value = static_cast<float>(state >> 8) / 8388608.0F - 1.0F;
    }
    std::fill(cube.valid.begin(), cube.valid.end(), std::uint8_t{1});
    return cube;
}

/// One worker with a cube of its own.
struct Lane {
    std::unique_ptr<Runner> runner;
    std::vector<Cube> cube;
    std::vector<Prediction> prediction;
};

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

/// Seconds of one round in which each of `threads` workers predicts one tile; the median of several. Of a
/// model with batches, a batch of tiles over their number.
double round_seconds(const Model& model, int bands, std::int64_t padded, int threads) {
    const auto batch = static_cast<std::size_t>(model.batch(padded * padded, kMostTilesAtOnce));
    std::vector<Lane> lanes(static_cast<std::size_t>(threads));
    for (auto& lane : lanes)
        lane = {model.start(), std::vector<Cube>(batch, random_cube(bands, padded)),
                std::vector<Prediction>(batch)};
    const auto parallel = parallel_for();
    const auto round = [&] {
        const auto begin = Clock::now();
        parallel(threads, [&](std::int64_t i) {
            auto& lane = lanes[static_cast<std::size_t>(i)];
            lane.runner->predict(lane.cube, lane.prediction, serially);
        });
        return std::chrono::duration<double>(Clock::now() - begin).count();
    };
    round();
    std::vector<double> times;
    for (double spent = 0; times.size() < 3 || (spent < 2 && times.size() < 50); spent += times.back())
        times.push_back(round());
    return median(times) / static_cast<double>(batch);
}

ModelCard default_card(const std::string& architecture) {
    ModelCard card;
    card.name = card.architecture = architecture;
    card.file = "defaults of " + architecture;
    if (architecture == "spectral_mamba") {
        card.task = Task::classification;
        card.parameters = R"({"bands": 200, "classes": 16})";
        card.bands.resize(200);
        for (int i = 1; i <= 16; ++i) card.classes.push_back({i, "class " + std::to_string(i)});
    }
    if (architecture == "spectral_gpt") card.task = Task::segmentation;
    return card;
}

/// Bands that enter the network; a card's own steps may add to those that it lists.
int bands_of(const ModelCard& card) {
    if (card.architecture == "spectral_gpt") return entries::spectral_gpt_config(card).input_bands();
    return card.bands.empty() ? 4 : static_cast<int>(card.bands.size());
}

}  // namespace

double measure_seconds_per_pixel(const Job& job) {
    const auto model = load_model(job.card, "cpu");
    const ThreadBudget budget(1);
    const auto& tiles = job.plan.tiles;
    const std::int64_t core = std::min<std::int64_t>(tiles.tile_width, tiles.tile_height);
    const double seconds = round_seconds(*model, static_cast<int>(job.chain->bands().size()),
                                         core + std::int64_t{2} * tiles.halo, 1);
    // The rate is one of the model's own cores, whatever halo the pipeline asks for.
    const std::int64_t own = tiles.fixed ? job.traits.tile : core;
    return seconds / static_cast<double>(own * own);
}

nlohmann::ordered_json bench_model(const std::string& name, int threads, const std::string& device) {
    const bool folder = std::filesystem::exists(name);
    const ModelCard card = folder ? read_model_card(name) : default_card(model_entry(name, "bench").name);
    const ModelTraits traits = traits_of(card);
    const auto model = folder || !traits.has_weights ? load_model(card, device)
                                                     : network_module().load_random(card, 1, device);
    const ThreadBudget budget(threads);
    const std::int64_t core = traits.tile;
    const double seconds =
        round_seconds(*model, bands_of(card), core + std::int64_t{2} * traits.halo, threads);
    const double pixels = static_cast<double>(core * core) * threads;
    const MachineRates rates = measure_machine();
    const double limit =
        traits.flops_per_pixel > 0 && rates.sgemm_flops > 0
            ? threads / (traits.flops_per_pixel / rates.sgemm_flops + traits.exps_per_pixel / rates.exps)
            : 0;
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const std::string stored = store_bench(
        card.architecture, {pixels / seconds / threads, traits.flops_per_pixel, kernels::target_name()});
    return {{"model", card.name},
            {"architecture", card.architecture},
            {"pixels_per_second", pixels / seconds},
            {"megapixels", pixels / 1e6},
            {"threads", threads},
            {"limit_pixels_per_second",
             limit > 0 ? nlohmann::ordered_json(limit) : nlohmann::ordered_json(nullptr)},
            {"sgemm_gflops", rates.sgemm_flops / 1e9},
            {"exp_per_second", rates.exps},
            {"instructions", kernels::target_name()},
            {"peak_mib", static_cast<double>(usage.ru_maxrss) / 1024},
            {"stored", stored}};
}

}  // namespace spectile::run
