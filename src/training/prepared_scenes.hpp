#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "spectile/training.hpp"
#include "training/dataset.hpp"
#include "training/training_scenes.hpp"

namespace spectile::training {

/// Reads, prepares and extends every scene, and gathers the labelled pixels. They train, but for those of the
/// labels' own files for validation and test; `assign_roles` says the rest.
///
/// A step `from: tile` and those behind it are left to each window (PreparedScene::finish), for networks that
/// read windows; `scenes` must then outlive the dataset.
///
/// Memory   the whole of every scene; Error{Code::memory} beyond kMostBytes.
/// Throws   Error{Code::scene} for labels that are no class of the definition.
Dataset load_dataset(const Training& training, const TrainingScenes& scenes, int window,
                     std::vector<std::string>& warnings);

inline constexpr std::uint64_t kMostBytes = 8ULL << 30;

}  // namespace spectile::training
