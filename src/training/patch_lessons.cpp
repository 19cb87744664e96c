#include "training/patch_lessons.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "models/networks/layers/full_precision.hpp"
#include "models/networks/spectral_gpt/losses.hpp"
#include "training/augmentation.hpp"
#include "training/for_each.hpp"
#include "training/optimiser.hpp"
#include "training/patch_judge.hpp"
#include "training/patch_mixing.hpp"
#include "training/patch_view.hpp"
#include "training/training_device.hpp"

namespace spectile::training {

PatchLessons::PatchLessons(networks::SpectralGpt& network, PatchCourse course)
    : network_(network),
      course_(std::move(course)),
      list_(course_.source.list()),
      parameters_(trainable(network.tensors())),
      training_(list_.with_role(Role::training)),
      validates_(!list_.with_role(Role::validation).empty()) {}

void PatchLessons::begin(int epoch) {
    epoch_ = epoch;
    order_ =
        shuffled(training_.size(), Random(course_.seed, Purpose::order, {static_cast<std::uint64_t>(epoch)}));
    for (auto& place : order_) place = training_[place];
}

at::Tensor PatchLessons::show_one(const Cube& patch, std::size_t place) const {
    Random random(course_.seed, Purpose::augmentation, {static_cast<std::uint64_t>(epoch_), place});
    const int side = network_.window();
    const auto view = random_view(patch, side, course_.recipe.crop_scale, random);
    augment(course_.recipe.common.augmentation, values_of(view), side, {}, random);
    return view;
}

std::vector<at::Tensor> PatchLessons::show(std::size_t first, std::size_t count) {
    std::vector<at::Tensor> shown(count);
    std::vector<std::shared_ptr<const Cube>> cubes(count);
    for_each(course_.parallel, static_cast<std::int64_t>(count), [&](std::int64_t i) {
        const auto k = static_cast<std::size_t>(i);
        cubes[k] = course_.source.read(order_[first + k]);
        shown[k] = show_one(*cubes[k], first + k);
    });
    for (std::size_t k = 0; k < count; ++k) course_.source.hold(order_[first + k], std::move(cubes[k]));
    return shown;
}

at::Tensor PatchLessons::target_of(std::size_t place, std::size_t partner, double share) const {
    const auto classes = list_.classes().size();
    const at::Tensor target = at::zeros({1, static_cast<std::int64_t>(classes)}, at::kFloat);
    const auto values = values_of(target);
    const auto& own = list_[order_[place]].classes;
    if (list_.multi_label()) {
        for (const int c : own) values[static_cast<std::size_t>(c)] = 1;
        return target;
    }
    const double smoothing = course_.recipe.common.label_smoothing;
    const auto mine = smoothed_target(own.front(), classes, smoothing),
               other = smoothed_target(list_[order_[partner]].classes.front(), classes, smoothing);
    for (std::size_t c = 0; c < classes; ++c)
        values[c] = static_cast<float>(share * mine[c] + (1 - share) * other[c]);
    return target;
}

/// Logits in float32.
at::Tensor PatchLessons::forward(const Shown& shown, const Arithmetic& arithmetic) const {
    networks::gpt::Drops drops;
    drops.paths = course_.recipe.drop_path;
    drops.keys = {
        Random(course_.seed, Purpose::dropout, {static_cast<std::uint64_t>(epoch_), shown.place}).bits()};
    const auto values = shown.values.unsqueeze(0).to(device_of(parameters_));
    const Autocast cast(values.device(), arithmetic.type);
    return networks::full_precision(network_.forward_dropping(values, drops));
}

BatchResult PatchLessons::learn_one(const Shown& shown, const Arithmetic& arithmetic) const {
    const at::AutoGradMode with_gradients(true);
    const auto logits = forward(shown, arithmetic);
    const auto target = shown.target.to(logits.device());
    const auto loss = list_.multi_label() ? networks::multi_label_loss(logits, target)
                                          : networks::soft_target_loss(logits, target);
    BatchResult result;
    result.loss = static_cast<double>(loss.item<float>());
    result.gradients = gradients_of(arithmetic.scaled(loss), parameters_);
    const auto said = logits.detach();
    const auto right =
        list_.multi_label() ? (said > 0) == (target > 0.5) : said.argmax(1) == target.argmax(1);
    result.hits = static_cast<std::size_t>(right.sum().item<std::int64_t>());
    result.judged = static_cast<std::size_t>(right.numel());
    return result;
}

BatchResult PatchLessons::learn(std::size_t first, std::size_t count, const Arithmetic& arithmetic) {
    const auto shown = show(first, count);
    Random random(course_.seed, Purpose::mixing, {static_cast<std::uint64_t>(epoch_), first});
    const auto mixing = draw_mixing(course_.recipe, network_.window(), random);
    const auto parallel = side_by_side_on(device_of(parameters_), course_.parallel);
    auto total = learn_in_order(count, parallel, [&](std::size_t k) {
        const auto partner = count - 1 - k;
        return learn_one({.values = mixed(shown[k], shown[partner], mixing),
                          .target = target_of(first + k, first + partner, mixing.share),
                          .place = first + k},
                         arithmetic);
    });
    const auto share = 1 / static_cast<double>(count);
    total.loss *= share;
    for (auto& gradient : total.gradients) gradient.mul_(share);
    return total;
}

Validation PatchLessons::validate() {
    const auto& recipe = course_.recipe;
    const auto scores =
        score_patches(network_, course_.source, Role::validation, {recipe.centre_share, course_.parallel});
    if (list_.multi_label()) {
        const auto accuracy = labels_of(scores, list_, recipe.common.batch);
        return {accuracy.micro_average_precision, accuracy.macro_average_precision,
                accuracy.micro_average_precision};
    }
    const auto accuracy = confusion_of(scores, list_).accuracy();
    return {accuracy.overall, accuracy.average, (accuracy.overall + accuracy.average) / 2};
}

}  // namespace spectile::training
