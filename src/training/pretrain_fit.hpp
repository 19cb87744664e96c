#pragma once

#include <functional>
#include <memory>
#include <string>

#include "models/networks/spectral_gpt/network.hpp"
#include "spectile/training.hpp"
#include "training/crop_source.hpp"
#include "training/pretrain_state.hpp"
#include "training/process_group.hpp"

namespace spectile::training {

/// What a pretraining runs on, beyond its definition.
struct PretrainOptions {
    ProcessGroup& group;  ///< Rank 0 alone writes checkpoints and tells of its progress.
    std::uint64_t seed = 1;
    std::string checkpoint;   ///< File; empty = none.
    std::string fingerprint;  ///< Of everything that decides the result.
    int threads = 1;
    std::function<bool()> stop;
    std::function<void(const TrainingProgress&)> progress;
    ParallelFor parallel;
};

/// What a pretraining learns from and what it learns.
struct PretrainingData {
    const entries::SpectralGptConfig& config;  ///< With the side of the first stage.
    const PretrainingDefinition& definition;
    const SceneIndex& index;
    CropSource& crops;
};

/// The rate at `epochs` (a fraction counts) of a stage: a linear warm-up, then half a cosine down to 0.
/// `crops`: of one step. Source   Hong et al., arXiv 2311.07113, as published in code.
double pretraining_rate(const PretrainingStage& stage, double epochs, std::uint64_t crops);

/// The network of a further stage: the weights of the one before; its spatial tables of positions, where they
/// are of another side, resized or drawn anew from `seed`.
std::unique_ptr<networks::SpectralGpt> next_network(networks::SpectralGpt& before,
                                                    const PretrainingStage& stage, std::uint64_t seed);

/// What a pretraining came to.
struct Pretrained {
    std::unique_ptr<networks::SpectralGpt> network;  ///< Of the last stage.
    PretrainState state;
};

/// Runs the stages one after the other, on from the checkpoint where there is one. `start` gives the network
/// that the first stage begins with.
///
/// The result depends on definition, index, images and seed alone: not on threads or processes, nor on being
/// cut off and resumed, be it in the middle of an epoch or with other processes. Throws
/// Error{Code::interrupted} if `stop` says so in any process or one is lost (the last finished step is in the
/// checkpoint), Error{Code::scene} if a loss or gradient is not finite, and as CropSource::leave_out.
Pretrained pretrain_stages(const PretrainingData& data, const PretrainOptions& options,
                           const std::function<std::unique_ptr<networks::SpectralGpt>()>& start);

}  // namespace spectile::training
