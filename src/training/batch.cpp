#include "training/batch.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/mul.h>

#include <algorithm>
#include <cmath>

#include "models/networks/layers/full_precision.hpp"
#include "spectile/error.hpp"
#include "training/augmentation.hpp"
#include "training/for_each.hpp"
#include "training/optimiser.hpp"
#include "training/random.hpp"
#include "training/training_device.hpp"

namespace spectile::training {
namespace {

/// How much more an unchanged pixel counts than its share says, as published for OSCD.
constexpr double kUnchanged = 10;
at::Tensor empty_patches(const Dataset& dataset, std::size_t count) {
    return at::empty({static_cast<std::int64_t>(count), dataset.bands, dataset.window, dataset.window},
                     at::kFloat);
}

/// The patch of sample `index` as this epoch shows it.
void show(const BatchContext& context, std::size_t index, int epoch, std::span<float> patch) {
    const auto& dataset = context.dataset;
    const auto& recipe = context.recipe.augmentation;
    const auto& sample = dataset.samples[index];
    Random random(context.seed, Purpose::augmentation, {static_cast<std::uint64_t>(epoch), index});
    dataset.cut(sample, patch);
    if (recipe.mixing > 0 && random.uniform() < recipe.mixing) {
        const auto& others = context.members[static_cast<std::size_t>(sample.target)];
        std::vector<float> other(patch.size());
        dataset.cut(dataset.samples[others[random.below(others.size())]], other);
        mix(patch, other, static_cast<float>(random.uniform(0.5, 1)));
    }
    augment(recipe, patch, dataset.window, dataset.dark, random);
}

/// What the loss multiplies the log-probabilities with: smoothed one-hot rows, weighted, over the batch's
/// weight.
at::Tensor loss_weights(const BatchContext& context, std::span<const std::size_t> chunk,
                        double batch_weight) {
    const std::size_t classes = context.dataset.classes.size();
    at::Tensor weights =
        at::empty({static_cast<std::int64_t>(chunk.size()), static_cast<std::int64_t>(classes)}, at::kFloat);
    const auto values = values_of(weights);
    const double smoothing = context.recipe.label_smoothing;
    for (std::size_t row = 0; row < chunk.size(); ++row) {
        const auto target = static_cast<std::size_t>(context.dataset.samples[chunk[row]].target);
        const double weight = context.class_weights[target] / batch_weight;
        for (std::size_t c = 0; c < classes; ++c) {
            const double share = smoothing / static_cast<double>(classes) + (c == target ? 1 - smoothing : 0);
            values[row * classes + c] = static_cast<float>(weight * share);
        }
    }
    return weights;
}

/// Logits in float32.
at::Tensor forward(networks::Network& network, const at::Tensor& patches, const Arithmetic& arithmetic) {
    const Autocast cast(patches.device(), arithmetic.type);
    return networks::full_precision(network.forward(patches));
}

int largest(std::span<const float> logits) {
    return static_cast<int>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

/// A few samples with what their loss needs of the batch.
struct Chunk {
    std::span<const std::size_t> samples;
    int epoch;
    double batch_weight;
};

/// The patches of a chunk on the network's device.
at::Tensor shown_patches(const BatchContext& context, const Chunk& chunk, const ParallelFor& parallel) {
    const std::size_t size = context.dataset.patch_size();
    at::Tensor patches = empty_patches(context.dataset, chunk.samples.size());
    const auto values = values_of(patches);
    for_each(parallel, static_cast<std::int64_t>(chunk.samples.size()), [&](std::int64_t i) {
        const auto row = static_cast<std::size_t>(i);
        show(context, chunk.samples[row], chunk.epoch, values.subspan(row * size, size));
    });
    return patches.to(device_of(context.parameters));
}

BatchResult run_chunk(const BatchContext& context, const Chunk& chunk, const at::Tensor& patches,
                      const Arithmetic& arithmetic) {
    at::AutoGradMode with_gradients(true);
    const at::Tensor logits = forward(context.network, patches, arithmetic);
    const at::Tensor weights = loss_weights(context, chunk.samples, chunk.batch_weight).to(patches.device());
    const at::Tensor loss = at::mul(at::log_softmax(logits, 1), weights).sum().neg();
    BatchResult result;
    result.loss = static_cast<double>(loss.item<float>());
    result.gradients = gradients_of(arithmetic.scaled(loss), context.parameters);
    const auto& dataset = context.dataset;
    const std::size_t classes = dataset.classes.size();
    const at::Tensor plain = logits.detach().to(at::kCPU).contiguous();
    for (std::size_t row = 0; row < chunk.samples.size(); ++row)
        result.hits += largest(values_of(plain).subspan(row * classes, classes)) ==
                       dataset.samples[chunk.samples[row]].target;
    return result;
}

/// The sum of all, in their order.
BatchResult learn_side_by_side(std::int64_t chunks, const ParallelFor& parallel,
                               const std::function<BatchResult(std::int64_t)>& learn) {
    std::vector<BatchResult> results(static_cast<std::size_t>(chunks));
    for_each(parallel, chunks, [&](std::int64_t i) { results[static_cast<std::size_t>(i)] = learn(i); });
    BatchResult total = std::move(results.front());
    for (std::size_t i = 1; i < results.size(); ++i) {
        total.loss += results[i].loss;
        total.hits += results[i].hits;
        add_gradients(total.gradients, results[i].gradients);
    }
    return total;
}

std::span<const std::size_t> chunk_of(std::span<const std::size_t> samples, std::int64_t i,
                                      std::size_t size) {
    const std::size_t first = static_cast<std::size_t>(i) * size;
    return samples.subspan(first, std::min(size, samples.size() - first));
}

}  // namespace

std::vector<double> class_weights(const Recipe& recipe, const Dataset& dataset) {
    std::vector<double> counts(dataset.classes.size(), 0), weights(dataset.classes.size(), 1);
    const auto samples = dataset.with_role(Role::training);
    for (const auto i : samples) ++counts[static_cast<std::size_t>(dataset.samples[i].target)];
    if (recipe.class_weights == "none") return weights;
    if (recipe.class_weights == "change" && weights.size() != 2)
        throw Error(Code::definition,
                    "recipe.class_weights: change is for two classes, unchanged and changed; use balanced");
    double sum = 0;
    for (std::size_t c = 0; c < weights.size(); ++c) {
        if (recipe.class_weights == "change")
            weights[c] = (c == 0 ? kUnchanged : 1) * counts[1 - c];  // Their scale is lost in the mean.
        else
            weights[c] = recipe.class_weights == "root" ? 1 / std::sqrt(counts[c]) : 1 / counts[c];
        sum += weights[c] * counts[c];
    }
    for (auto& weight : weights) weight *= static_cast<double>(samples.size()) / sum;
    return weights;
}

BatchResult run_batch(const BatchContext& context, std::span<const std::size_t> samples, int epoch,
                      const Arithmetic& arithmetic) {
    double batch_weight = 0;
    for (const auto i : samples)
        batch_weight += context.class_weights[static_cast<std::size_t>(context.dataset.samples[i].target)];
    BatchResult total;
    if (const Chunk all{samples, epoch, batch_weight}; !device_of(context.parameters).is_cpu()) {
        total = run_chunk(context, all, shown_patches(context, all, context.parallel), arithmetic);
    } else {
        const auto chunks = static_cast<std::int64_t>((samples.size() + kChunk - 1) / kChunk);
        total = learn_side_by_side(chunks, context.parallel, [&](std::int64_t i) {
            const Chunk chunk{chunk_of(samples, i, kChunk), epoch, batch_weight};
            return run_chunk(context, chunk, shown_patches(context, chunk, {}), arithmetic);
        });
    }
    total.judged = samples.size();
    return total;
}

std::vector<int> predict(networks::Network& network, const Dataset& dataset,
                         std::span<const std::size_t> samples, const ParallelFor& parallel) {
    constexpr std::size_t kSize = 64;
    const std::size_t classes = dataset.classes.size(), size = dataset.patch_size();
    const auto device = device_of(network.tensors());
    std::vector<int> predicted(samples.size());
    for_each(parallel, static_cast<std::int64_t>((samples.size() + kSize - 1) / kSize), [&](std::int64_t i) {
        const at::AutoGradMode no_gradients(false);
        const auto chunk = chunk_of(samples, i, kSize);
        at::Tensor patches = empty_patches(dataset, chunk.size());
        for (std::size_t row = 0; row < chunk.size(); ++row)
            dataset.cut(dataset.samples[chunk[row]], values_of(patches).subspan(row * size, size));
        const at::Tensor logits = network.forward(patches.to(device)).to(at::kCPU).contiguous();
        for (std::size_t row = 0; row < chunk.size(); ++row)
            predicted[static_cast<std::size_t>(i) * kSize + row] =
                largest(values_of(logits).subspan(row * classes, classes));
    });
    return predicted;
}

}  // namespace spectile::training
