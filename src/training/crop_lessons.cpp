#include "training/crop_lessons.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/log_softmax.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "models/networks/layers/full_precision.hpp"
#include "models/networks/spectral_gpt/losses.hpp"
#include "training/augmentation.hpp"
#include "training/batch.hpp"
#include "training/for_each.hpp"
#include "training/optimiser.hpp"
#include "training/training_device.hpp"

namespace spectile::training {
struct CropLessons::Crop {
    at::Tensor values, labels;  ///< [1, bands, side, side], int64 [1, side, side].
    double weight = 0;          ///< Of its training pixels together.
    std::size_t pixels = 0;     ///< That train.
    networks::gpt::Drops drops;
};

CropLessons::CropLessons(networks::SpectralGpt& network, CropCourse course)
    : network_(network),
      course_(std::move(course)),
      parameters_(trainable(network.tensors())),
      class_weights_(class_weights(course_.recipe.common, course_.data)),
      members_(course_.data.classes.size()),
      validates_(!course_.data.with_role(Role::validation).empty()) {
    for (const auto i : course_.data.with_role(Role::training))
        members_[static_cast<std::size_t>(course_.data.samples[i].target)].push_back(i);
    for (const auto& samples : members_) {
        const auto count = static_cast<double>(samples.size());
        const auto& how = course_.recipe.common.sampling;
        class_shares_.push_back(samples.empty()     ? 0
                                : how == "balanced" ? 1
                                : how == "root"     ? std::sqrt(count)
                                                    : count);
    }
}

std::size_t CropLessons::samples() const {
    if (course_.recipe.crops > 0) return static_cast<std::size_t>(course_.recipe.crops);
    const auto area =
        static_cast<std::uint64_t>(course_.ground.side()) * static_cast<std::uint64_t>(course_.ground.side());
    return static_cast<std::size_t>((course_.ground.supply().ground + area - 1) / area);
}

/// A training pixel for a crop to hold: a class by its share, then any pixel of it.
std::size_t CropLessons::pick(Random& random) const {
    const double total = std::accumulate(class_shares_.begin(), class_shares_.end(), 0.0);
    double left = random.uniform() * total;
    std::size_t chosen = 0;
    for (std::size_t c = 0; c < class_shares_.size(); ++c) {
        if (class_shares_[c] <= 0) continue;
        chosen = c;
        if (left < class_shares_[c]) break;
        left -= class_shares_[c];
    }
    return members_[chosen][random.below(members_[chosen].size())];
}

/// The crop of this number as this epoch shows it.
void CropLessons::show(std::size_t index, Crop& crop) const {
    const std::int64_t side = course_.ground.side();
    const auto epoch = static_cast<std::uint64_t>(epoch_);
    Random random(course_.seed, Purpose::augmentation, {epoch, index});
    crop.values = at::empty({1, course_.data.bands, side, side}, at::kFloat);
    std::vector<float> labels(static_cast<std::size_t>(side * side));
    const auto values = values_of(crop.values);
    course_.ground.cut(course_.ground.draw(pick(random), random), values, labels);
    Augmentation rest = course_.recipe.common.augmentation;
    const auto symmetry = draw_symmetry(rest, random);
    apply_symmetry(symmetry, values, static_cast<int>(side));
    apply_symmetry(symmetry, labels, static_cast<int>(side));
    rest.flips = rest.turns = false;
    augment(rest, values, static_cast<int>(side), course_.data.dark, random);
    crop.labels = at::empty({1, side, side}, at::kLong);
    auto* label = crop.labels.data_ptr<std::int64_t>();
    for (const float value : labels) {
        *label++ = static_cast<std::int64_t>(value);
        if (value == static_cast<float>(CropGround::kNoLabel)) continue;
        crop.weight += class_weights_[static_cast<std::size_t>(value)];
        ++crop.pixels;
    }
    const auto& recipe = course_.recipe;
    crop.drops = {recipe.drop_path,
                  recipe.dropout,
                  network_.config().task == "change",
                  {Random(course_.seed, Purpose::dropout, {epoch, index}).bits()}};
}

/// Scores, or of change log-probabilities, in float32.
at::Tensor CropLessons::forward(const Crop& crop, const Arithmetic& arithmetic) const {
    const auto device = device_of(parameters_);
    const Autocast cast(device, arithmetic.type);
    return networks::full_precision(network_.forward_dropping(crop.values.to(device), crop.drops));
}

BatchResult CropLessons::learn_crop(const Crop& crop, double batch_weight,
                                    const Arithmetic& arithmetic) const {
    const at::AutoGradMode with_gradients(true);
    const auto device = device_of(parameters_);
    const auto scores = forward(crop, arithmetic);
    const auto likelihood = network_.config().task == "change" ? scores : at::log_softmax(scores, 1);
    const auto weights = at::empty({static_cast<std::int64_t>(class_weights_.size())}, at::kFloat);
    std::transform(class_weights_.begin(), class_weights_.end(), values_of(weights).begin(),
                   [](double weight) { return static_cast<float>(weight); });
    const auto labels = crop.labels.to(device);
    const auto loss = networks::summed_pixel_loss(likelihood, labels, weights.to(device)) / batch_weight;
    BatchResult result;
    result.loss = static_cast<double>(loss.item<float>());
    result.gradients = gradients_of(arithmetic.scaled(loss), parameters_);
    result.hits =
        static_cast<std::size_t>((likelihood.detach().argmax(1) == labels).sum().item<std::int64_t>());
    result.judged = crop.pixels;
    return result;
}

BatchResult CropLessons::learn(std::size_t first, std::size_t count, const Arithmetic& arithmetic) {
    std::vector<Crop> crops(count);
    for_each(course_.parallel, static_cast<std::int64_t>(count), [&](std::int64_t i) {
        const auto at = static_cast<std::size_t>(i);
        show(first + at, crops[at]);
    });
    double weight = 0;
    for (const auto& crop : crops) weight += crop.weight;
    return learn_in_order(count, side_by_side_on(device_of(parameters_), course_.parallel),
                          [&](std::size_t k) { return learn_crop(crops[k], weight, arithmetic); });
}

Validation CropLessons::validate() {
    const auto accuracy =
        judge_scenes(network_, course_.data, Role::validation, {course_.windows, course_.parallel})
            .confusion.accuracy();
    return {accuracy.overall, accuracy.average, score_of(accuracy, course_.data, network_.config().task)};
}

}  // namespace spectile::training
