// Which crops a pretraining sees, and what is hidden of them.
#include "training/pretrain_crops.hpp"

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>

#include <algorithm>

#include "training/optimiser.hpp"

namespace spectile::training {
namespace {

constexpr std::uint64_t kHeldOut = 0;  ///< In place of stage and epoch, which count from 1.

std::uint64_t mask_key(std::uint64_t stage, std::uint64_t epoch) { return (stage << 32) | epoch; }

/// Cuts what is wanted and keeps what is there, sample `numbers[i]` of masks `epoch`.
MaskedCrops masked(CropSource& source, const entries::SpectralGptConfig& config,
                   const std::vector<CropRequest>& requests, const std::vector<std::uint64_t>& numbers,
                   std::uint64_t seed, std::uint64_t epoch) {
    const auto count = static_cast<std::int64_t>(requests.size());
    const at::Tensor all = at::empty({count, config.input_bands(), config.side, config.side}, at::kFloat);
    const auto there = source.cut(requests, config.side, values_of(all));
    std::vector<at::Tensor> pixels, noise;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        if (!there[i]) continue;
        pixels.push_back(all.narrow(0, static_cast<std::int64_t>(i), 1));
        noise.push_back(networks::masking_noise(seed, epoch, numbers[i], 1, config.tokens()));
    }
    if (pixels.empty()) return {};
    return {pixels.size() == requests.size() ? all : at::cat(pixels), at::cat(noise)};
}

}  // namespace

MaskedCrops training_crops(CropSource& source, const entries::SpectralGptConfig& config,
                           const EpochOrder& epoch, std::uint64_t first, std::uint64_t count) {
    std::vector<CropRequest> requests;
    std::vector<std::uint64_t> numbers;
    for (std::uint64_t sample = first; sample < first + count; ++sample) {
        numbers.push_back(sample);
        requests.push_back({.role = Role::training,
                            .number = epoch.order[sample],
                            .random = Random(epoch.seed, Purpose::crops, {epoch.stage, epoch.epoch, sample}),
                            .flips = epoch.flips});
    }
    return masked(source, config, requests, numbers, epoch.seed, mask_key(epoch.stage, epoch.epoch));
}

MaskedCrops held_out_crops(CropSource& source, const SceneIndex& index,
                           const entries::SpectralGptConfig& config, std::uint64_t seed,
                           const HeldOut& wanted) {
    const std::uint64_t entries = index.size(Role::validation), of = wanted.of;
    std::vector<CropRequest> requests;
    std::vector<std::uint64_t> numbers;
    for (std::uint64_t i = wanted.first; entries > 0 && i < wanted.first + wanted.count; ++i) {
        numbers.push_back(i);
        requests.push_back({.role = Role::validation,
                            .number = entries < of ? i % entries : i * entries / of,
                            .random = Random(seed, Purpose::crops, {kHeldOut, kHeldOut, i}),
                            .flips = false});
    }
    if (requests.empty()) return {};
    return masked(source, config, requests, numbers, seed, kHeldOut);
}

}  // namespace spectile::training
