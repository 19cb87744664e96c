// A pipeline's products as a device would make them in 16 bits, made on the CPU: the networks by LibTorch's
// operators, with a device's roundings around products of float32 (models/networks/layers/mixed.hpp). What
// precision costs in labels can so be measured without a device; slow.
//
//   emulated_run PIPELINE float32|bfloat16|float16 [KEY.PATH=VALUE ...]
#include <fmt/format.h>

#include <filesystem>
#include <numeric>

#include "gdal/setup.hpp"
#include "models/entries/registry.hpp"
#include "models/native/spectral_mamba.hpp"
#include "models/networks/libtorch_state.hpp"
#include "models/networks/mim_istd/tile_model.hpp"
#include "models/networks/mim_istd/weight_rules.hpp"
#include "models/networks/patch_model.hpp"
#include "models/networks/spectral_gpt/tile_model.hpp"
#include "models/networks/spectral_gpt/weight_rules.hpp"
#include "models/networks/spectral_mamba/network.hpp"
#include "models/networks/weight_files.hpp"
#include "pipeline/read_pipeline.hpp"
#include "run/parallel.hpp"
#include "run/publish_run.hpp"
#include "run/statistics.hpp"
#include "run/stream.hpp"
#include "run/work_directory.hpp"
#include "spectile/error.hpp"

namespace spectile {
namespace {

Precision precision_of(const std::string& name) {
    for (const auto precision : {Precision::float32, Precision::bfloat16, Precision::float16})
        if (name == precision_name(precision)) return precision;
    throw Error(Code::usage, name + ": must be float32, bfloat16 or float16");
}

std::unique_ptr<Model> emulated_model(const ModelCard& card, Precision precision) {
    using namespace networks;
    const auto file = weights::SafeTensors::parse(read_verified(card), card.weights);
    if (card.architecture == "spectral_mamba") {
        const auto config = entries::spectral_mamba_config(card);
        auto network = std::make_unique<SpectralMamba>(config, /*seed=*/0);
        copy_weights(file, *network);
        return make_patch_model(std::move(network),
                                {.device = "cpu", .classes = config.classes, .precision = precision});
    }
    if (card.architecture == "mim_istd") {
        auto network = std::make_shared<MimIstd>(entries::mim_istd_config(card), /*seed=*/0);
        copy_mim_istd_weights(file, *network);
        return make_tile_model_on("cpu", std::move(network), precision);
    }
    if (card.architecture != "spectral_gpt")
        throw Error(Code::model, card.architecture + ": has no version for devices");
    return make_tile_model_on("cpu", load_spectral_gpt(file, entries::spectral_gpt_config(card)), precision);
}

void run_scene(const Pipeline& pipeline, const SceneDefinition& scene, Precision precision) {
    RunOptions options;
    options.threads = 1;
    options.overwrite = true;
    run::Job job = run::open_job(pipeline, scene, options);
    const auto work = run::WorkDirectory::path_for(job, options);
    const auto inputs = run::hash_scene(job, work, options);
    const auto recipe = run::make_recipe(job, inputs.sha256);
    const run::WorkDirectory directory(work, job, recipe, /*restart=*/true);
    run::collect_statistics(job, work, options);
    const auto model = emulated_model(job.card, precision);
    Ledger ledger(work, recipe.sha256());
    std::vector<std::int64_t> parts(static_cast<std::size_t>(job.plan.parts.count()));
    std::iota(parts.begin(), parts.end(), 0);
    RunReport report;
    run::in_arena(1, [&] { run::stream_parts({job, *model, ledger, work, options}, parts); });
    run::publish_run({job, recipe, inputs, {}, ledger, work}, options, report);
    directory.remove();
    for (const auto& product : report.products) fmt::print("{}\n", product);
}

}  // namespace
}  // namespace spectile

int main(int argc, char** argv) {
    using namespace spectile;
    if (argc < 3) {
        fmt::print(stderr, "usage: emulated_run PIPELINE float32|bfloat16|float16 [KEY.PATH=VALUE ...]\n");
        return 64;
    }
    try {
        start_gdal();
        networks::quiet_libtorch();
        const run::ThreadBudget budget(1);
        const auto pipeline = read_pipeline(argv[1], {argv + 3, argv + argc});
        for (const auto& scene : pipeline.scenes) run_scene(pipeline, scene, precision_of(argv[2]));
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "emulated_run: {}\n", error.what());
        return 1;
    }
}
