#pragma once

#include <cstdint>
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
    at::Device device = at::kCPU;  ///< Of the network, a batch and the optimiser.
};

/// What a pretraining learns from and what it learns.
struct PretrainData {
    const entries::SpectralGptConfig& config;  ///< With the side of the first stage.
    const PretrainingDefinition& definition;
    const SceneIndex& index;
    CropSource& crops;
};

/// How far a pretraining has come.
struct Pretrained {
    std::unique_ptr<networks::SpectralGpt> network;  ///< Of the stage that `state` is in.
    PretrainState state;
};

/// Runs that stage from where it stands to its end. `restore`: weights and optimiser are the checkpoint's.
/// Throws as pretrain_stages does.
void fit_stage(const PretrainData& data, const PretrainOptions& options, Pretrained& pretrained,
               bool restore);

/// The rate at `epochs` (a fraction counts) of a stage: a linear warm-up, then half a cosine down to 0.
/// `crops`: of one step.
///
/// Source   Hong et al., arXiv 2311.07113, as published in code.
double pretraining_rate(const PretrainingStage& stage, double epochs, std::uint64_t crops);

}  // namespace spectile::training
