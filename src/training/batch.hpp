#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "models/networks/network.hpp"
#include "spectile/model.hpp"
#include "training/dataset.hpp"
#include "training/recipe.hpp"

namespace spectile::training {

/// Samples that one forward pass sees. Batches are cut into chunks of this size, whose gradients are added in
/// chunk order, so the bytes do not depend on how many threads share them.
inline constexpr std::size_t kChunk = 16;

/// What one batch gave.
struct BatchResult {
    double loss = 0;                    ///< Mean over the batch.
    std::size_t hits = 0;               ///< Samples whose largest logit was the right one.
    std::size_t judged = 0;             ///< Samples (or pixels) that `hits` is counted of.
    std::vector<at::Tensor> gradients;  ///< In the order of the parameters given.
};

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
/// Threads  chunks run through `context.parallel`.
/// Source   label smoothing: Szegedy et al., "Rethinking the Inception Architecture", 2016, section 7.
BatchResult run_batch(const BatchContext& context, std::span<const std::size_t> samples, int epoch);

/// The class position with the largest logit for each sample, without augmentation; the first where several
/// are equal.
std::vector<int> predict(networks::Network& network, const Dataset& dataset,
                         std::span<const std::size_t> samples, const ParallelFor& parallel);

/// Gradients of a scalar in the order of the parameters; zeros where it does not depend on one.
std::vector<at::Tensor> gradients_of(const at::Tensor& loss,
                                     const std::vector<networks::NamedTensor>& parameters);

/// sum += more, value by value.
void add_gradients(std::vector<at::Tensor>& sum, const std::vector<at::Tensor>& more);

/// Sums what `learn` gives for the samples 0 .. count-1. A few of them are worked out side by side, and added
/// in their order, so that the bytes do not depend on threads.
BatchResult learn_in_order(std::size_t count, const ParallelFor& parallel,
                           const std::function<BatchResult(std::size_t)>& learn);

/// Calls `parallel`, or runs in order where it is empty.
void for_each(const ParallelFor& parallel, std::int64_t count, const std::function<void(std::int64_t)>& body);

}  // namespace spectile::training
