#include "training/pretrain_fit.hpp"

#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include "models/networks/libtorch_state.hpp"
#include "models/networks/spectral_gpt/position_tables.hpp"
#include "training/pretrain_round.hpp"
#include "training/training_device.hpp"
#include "training/without_one_dnn.hpp"

namespace spectile::training {
namespace {

using networks::SpectralGpt;

/// Of a stage, for what is drawn anew in it.
std::uint64_t seed_of_stage(std::uint64_t seed, int stage) {
    return Random(seed, Purpose::order, {0, static_cast<std::uint64_t>(stage)}).bits();
}

std::unique_ptr<SpectralGpt> empty_network(const PretrainData& data, int stage, std::uint64_t seed) {
    auto config = data.config;
    config.side = data.definition.stages[static_cast<std::size_t>(stage)].side;
    return std::make_unique<SpectralGpt>(config, seed);
}

}  // namespace

std::unique_ptr<SpectralGpt> next_network(SpectralGpt& before, const PretrainingStage& stage,
                                          std::uint64_t seed) {
    auto config = before.config();
    config.side = stage.side;
    auto network = std::make_unique<SpectralGpt>(config, seed);
    const auto from = before.tensors(), to = network->tensors();
    const at::NoGradGuard no_grad;
    for (std::size_t i = 0; i < to.size(); ++i) {
        if (from[i].tensor.sizes() == to[i].tensor.sizes())
            to[i].tensor.copy_(from[i].tensor);
        else if (stage.positions == "bicubic")
            to[i].tensor.copy_(
                networks::resized_positions(from[i].tensor.to(at::kCPU), config.grid(), to[i].name));
    }
    return network;
}

Pretrained pretrain_stages(const PretrainData& data, const PretrainOptions& options,
                           const std::function<std::unique_ptr<SpectralGpt>()>& start) {
    const WithoutOneDnn without;
    Pretrained out;
    auto stored = options.checkpoint.empty() ? std::nullopt
                                             : read_pretrain_state(options.checkpoint, options.fingerprint);
    const bool resumed = stored.has_value();
    if (resumed) out.state = std::move(*stored);
    check_same_start(options.group, {"the recipe " + options.fingerprint, networks::describe_libtorch(),
                                     "--device " + c10::DeviceTypeName(options.device.type(), true),
                                     fmt::format("stage {}, epoch {}, step {}", out.state.stage + 1,
                                                 out.state.epoch + 1, out.state.step + 1)});
    data.crops.left_out = out.state.left_out;
    out.network = resumed ? empty_network(data, out.state.stage, options.seed) : start();
    put_network(*out.network, options.device);
    for (const int first = out.state.stage;;) {
        const int stage = out.state.stage;
        fit_stage(data, options, out, resumed && stage == first);
        if (static_cast<std::size_t>(stage) + 1 == data.definition.stages.size()) return out;
        out.state.stage = stage + 1;
        out.state.epoch = 0;
        out.network =
            next_network(*out.network, data.definition.stages[static_cast<std::size_t>(out.state.stage)],
                         seed_of_stage(options.seed, out.state.stage));
        put_network(*out.network, options.device);
    }
}

}  // namespace spectile::training
