#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/networks/network.hpp"
#include "spectile/model.hpp"
#include "training/dataset.hpp"
#include "training/gradients.hpp"
#include "training/mixed_precision.hpp"
#include "training/recipe.hpp"

namespace spectile::training {

/// Samples that one forward pass sees on the CPU. Batches are cut into chunks of this size, whose gradients
/// are added in chunk order, so the bytes do not depend on how many threads share them. A device takes a
/// batch whole.
inline constexpr std::size_t kChunk = 16;

/// Fixed inputs of every batch of a training.
struct BatchContext {
    networks::Network& network;
    const Dataset& dataset;
    const Recipe& recipe;
    std::uint64_t seed = 0;
    std::vector<networks::NamedTensor> parameters;  ///< The trainable tensors.
    std::vector<double> class_weights;              ///< By class position; mean 1 over the training samples.
    std::vector<std::vector<std::size_t>> members;  ///< Training samples of each class, for mixing.
    ParallelFor parallel;
};

/// Weights of the classes as the recipe asks for, scaled to mean 1 over the training samples.
std::vector<double> class_weights(const Recipe& recipe, const Dataset& dataset);

/// Cross-entropy (with label smoothing and class weights) of one batch of augmented patches, and its
/// gradients.
///
/// Threads  chunks, and on a device the patches that are cut for it, run through `context.parallel`.
/// Source   label smoothing: Szegedy et al., "Rethinking the Inception Architecture", 2016, section 7.
BatchResult run_batch(const BatchContext& context, std::span<const std::size_t> samples, int epoch,
                      const Arithmetic& arithmetic);

/// The class position with the largest logit for each sample, without augmentation; the first where several
/// are equal.
std::vector<int> predict(networks::Network& network, const Dataset& dataset,
                         std::span<const std::size_t> samples, const ParallelFor& parallel);

}  // namespace spectile::training
