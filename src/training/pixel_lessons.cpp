#include "training/pixel_lessons.hpp"

#include "training/optimiser.hpp"
#include "training/pixel_judge.hpp"
#include "training/sampling.hpp"

namespace spectile::training {

PixelLessons::PixelLessons(networks::Network& network, const Dataset& dataset, const Recipe& recipe,
                           std::uint64_t seed, const ParallelFor& parallel)
    : context_{network, dataset, recipe, seed, trainable(network.tensors()), class_weights(recipe, dataset),
               {},      parallel},
      validates_(!dataset.with_role(Role::validation).empty()) {
    context_.members.resize(dataset.classes.size());
    const auto training = dataset.with_role(Role::training);
    samples_ = training.size();
    for (const auto i : training)
        context_.members[static_cast<std::size_t>(dataset.samples[i].target)].push_back(i);
}

void PixelLessons::begin(int epoch) {
    epoch_ = epoch;
    order_ = epoch_order(context_.recipe, context_.members, context_.seed, epoch);
}

BatchResult PixelLessons::learn(std::size_t first, std::size_t count, const Arithmetic& arithmetic) {
    return run_batch(context_, std::span(order_).subspan(first, count), epoch_, arithmetic);
}

Validation PixelLessons::validate() {
    const auto accuracy =
        judge(context_.network, context_.dataset, Role::validation, context_.parallel).confusion.accuracy();
    return {accuracy.overall, accuracy.average, (accuracy.overall + accuracy.average) / 2};
}

}  // namespace spectile::training
