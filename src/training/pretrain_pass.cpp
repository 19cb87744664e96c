#include "training/pretrain_pass.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>

#include "models/networks/layers/full_precision.hpp"
#include "models/networks/spectral_gpt/encoder.hpp"
#include "models/networks/spectral_gpt/losses.hpp"
#include "training/for_each.hpp"
#include "training/gradients.hpp"
#include "training/optimiser.hpp"
#include "training/training_device.hpp"

namespace spectile::training {
namespace {

constexpr double kPassBytes = 512.0 * (1 << 20), kGradientBytes = 1024.0 * (1 << 20);
constexpr std::int64_t kMostCropsOfAPass = 16;

/// Numbers that a block keeps for its gradient, per sample: rows of 16 widths, two copies of its scores.
double kept_by(double tokens, double width, double heads, double depth) {
    return depth * (16 * tokens * width + 2 * heads * tokens * tokens);
}

/// The crops of one pass, where the network is.
MaskedCrops crops_from(const MaskedCrops& crops, std::int64_t first, std::int64_t count, at::Device device) {
    return {crops.pixels.narrow(0, first, count).to(device), crops.noise.narrow(0, first, count).to(device)};
}

/// The predicted values of every token, in float32.
at::Tensor predicted(networks::SpectralGpt& network, const MaskedCrops& crops,
                     const networks::Masking& masking, at::ScalarType type) {
    const Autocast cast(crops.pixels.device(), type);
    return networks::full_precision(network.reconstruct(crops.pixels, masking));
}

networks::ReconstructionLoss loss_of(networks::SpectralGpt& network, const MaskedCrops& crops,
                                     at::ScalarType type) {
    const auto& config = network.config();
    const auto masking = networks::mask_tokens(crops.noise, config.mask_ratio);
    return networks::reconstruction_loss(predicted(network, crops, masking, type),
                                         networks::gpt::patchify(config, crops.pixels), masking.hidden,
                                         config.groups(), config.norm_pix_loss);
}

LossSums sums_of(const networks::ReconstructionLoss& loss, std::int64_t crops) {
    const auto count = static_cast<double>(crops);
    return {loss.token.item<double>() * count, loss.spectral.item<double>() * count,
            static_cast<std::uint64_t>(crops)};
}

struct Pass {
    LossSums sums;
    std::vector<at::Tensor> gradients;
};

Pass run_pass(const CropLearner& learner, const std::vector<at::Tensor>& inputs, const MaskedCrops& crops) {
    const at::AutoGradMode with_gradients(true);
    const auto loss = loss_of(learner.network, crops, learner.arithmetic.type);
    const auto count = crops.pixels.size(0);
    Pass pass;
    pass.sums = sums_of(loss, count);
    // Every crop hides as many tokens, so the loss of several is the mean of theirs.
    const auto total = loss.total * static_cast<double>(count);
    pass.gradients = torch::autograd::grad({learner.arithmetic.scaled(total)}, inputs);
    for (auto& gradient : pass.gradients) gradient = gradient.contiguous();
    return pass;
}

double bytes_of(const std::vector<at::Tensor>& tensors) {
    double bytes = 0;
    for (const auto& tensor : tensors) bytes += static_cast<double>(tensor.numel()) * sizeof(float);
    return bytes;
}

}  // namespace

std::int64_t crops_per_pass(const entries::SpectralGptConfig& config) {
    const double tokens = config.tokens(),
                 visible = static_cast<double>(networks::visible_tokens(config.tokens(), config.mask_ratio)),
                 one = kept_by(visible, config.embed, config.heads, config.depth) +
                       kept_by(tokens, config.decoder_embed, config.decoder_heads, config.decoder_depth);
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(kPassBytes / (one * sizeof(float))), 1,
                                    kMostCropsOfAPass);
}

LossSums learn_crops(const CropLearner& learner, const MaskedCrops& crops,
                     const std::vector<at::Tensor>& sums) {
    const auto device = device_of(learner.parameters);
    std::vector<at::Tensor> inputs;
    for (const auto& parameter : learner.parameters) inputs.push_back(parameter.tensor);
    const int threads = device.is_cpu() ? learner.threads : 1;
    const std::int64_t size = crops_per_pass(learner.network.config()), count = crops.pixels.size(0),
                       passes = (count + size - 1) / size,
                       together = std::clamp<std::int64_t>(
                           static_cast<std::int64_t>(kGradientBytes / bytes_of(inputs)), 1, threads);
    LossSums total;
    for (std::int64_t first = 0; first < passes; first += together) {
        std::vector<Pass> wave(static_cast<std::size_t>(std::min(together, passes - first)));
        for_each(learner.parallel, static_cast<std::int64_t>(wave.size()), [&](std::int64_t i) {
            const std::int64_t from = (first + i) * size;
            wave[static_cast<std::size_t>(i)] =
                run_pass(learner, inputs, crops_from(crops, from, std::min(size, count - from), device));
        });
        for (auto& pass : wave) {
            total.add(pass.sums);
            add_gradients(sums, pass.gradients);
            pass.gradients.clear();
        }
    }
    return total;
}

LossSums reconstruction_losses(networks::SpectralGpt& network, const MaskedCrops& crops,
                               const ParallelFor& parallel) {
    const auto device = device_of(network.tensors());
    const std::int64_t size = crops_per_pass(network.config()), count = crops.pixels.size(0);
    std::vector<LossSums> parts(static_cast<std::size_t>((count + size - 1) / size));
    for_each(parallel, static_cast<std::int64_t>(parts.size()), [&](std::int64_t i) {
        const at::AutoGradMode no_gradients(false);
        const std::int64_t from = i * size, some = std::min(size, count - from);
        parts[static_cast<std::size_t>(i)] =
            sums_of(loss_of(network, crops_from(crops, from, some, device), at::kFloat), some);
    });
    LossSums total;
    for (const auto& part : parts) total.add(part);
    return total;
}

}  // namespace spectile::training
