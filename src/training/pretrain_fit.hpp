#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "models/networks/spectral_gpt/network.hpp"
#include "training/pretrain_stage.hpp"

namespace spectile::training {

/// The network of a further stage: the weights of the one before; its spatial tables of positions, where they
/// are of another side, resized or drawn anew from `seed`.
std::unique_ptr<networks::SpectralGpt> next_network(networks::SpectralGpt& before,
                                                    const PretrainingStage& stage, std::uint64_t seed);

/// Runs the stages one after the other, on from the checkpoint where there is one. `start` gives the network
/// that the first stage begins with.
///
/// The result depends on definition, index, images and seed alone: not on threads or processes, nor on being
/// cut off and resumed, be it in the middle of an epoch or with other processes. Throws
/// Error{Code::interrupted} if `stop` says so in any process or one is lost (the last finished step is in the
/// checkpoint), Error{Code::scene} if a loss or gradient is not finite, and as CropSource::leave_out.
Pretrained pretrain_stages(const PretrainData& data, const PretrainOptions& options,
                           const std::function<std::unique_ptr<networks::SpectralGpt>()>& start);

}  // namespace spectile::training
