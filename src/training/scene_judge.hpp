#pragma once

#include "models/networks/spectral_gpt/network.hpp"
#include "spectile/model.hpp"
#include "training/pixel_judge.hpp"

namespace spectile::training {

/// How windows lie over a scene, as in a run.
struct Windows {
    int halo = 0;
    Blend blend = Blend::none;
};

/// How whole scenes are judged.
struct SceneJudging {
    Windows windows;
    ParallelFor parallel;
};

/// Judges the samples of one role on the map that a run would make: the same windows, blended in the same
/// order, the class with the highest probability, each pixel once. Windows that no such sample needs are not
/// worked out.
///
/// Memory   the class probabilities of a row of windows.
Judged judge_scenes(networks::SpectralGpt& network, const Dataset& data, Role role, const SceneJudging& how);

/// What networks on scenes are chosen by: the F1 of change (the second class), else the mean IoU.
double score_of(const evaluate::Accuracy& accuracy, const Dataset& data, const std::string& task);

}  // namespace spectile::training
