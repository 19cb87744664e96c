#include "training/target_fit.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include "kernels/flush_denormals.hpp"
#include "models/networks/layers/full_precision.hpp"
#include "models/networks/mim_istd/losses.hpp"
#include "models/networks/mim_istd/network.hpp"
#include "spectile/error.hpp"
#include "training/mixed_precision.hpp"
#include "training/moving_average.hpp"
#include "training/schedule.hpp"
#include "training/target_checkpoint.hpp"
#include "training/target_crops.hpp"
#include "training/target_scores.hpp"
#include "training/training_device.hpp"
#include "training/without_one_dnn.hpp"

namespace spectile::training {
namespace {

using networks::NamedTensor;

const std::string kLastBias = "head.block.4.bias";

TargetOptimiser optimiser_of(const TargetRecipe& recipe, const std::vector<NamedTensor>& parameters) {
    TargetOptimiser optimiser;
    if (recipe.optimiser == "adagrad")
        optimiser.adagrad.emplace(parameters, recipe.common.weight_decay);
    else
        optimiser.adamw.emplace(parameters, recipe.common.weight_decay);
    return optimiser;
}

at::Tensor loss_of(const std::string& name, const at::Tensor& logits, const at::Tensor& truth) {
    if (name == "soft_iou") return networks::soft_iou_loss(logits, truth);
    if (name == "dice_cross_entropy") return networks::dice_cross_entropy_loss(logits, truth);
    return networks::dice_loss(logits, truth);
}

class TargetFit {
public:
    TargetFit(networks::Network& network, const std::vector<TargetImage>& images, const TargetRecipe& recipe,
              const FitOptions& options)
        : network_(network),
          images_(images),
          recipe_(recipe),
          options_(options),
          tensors_(network.tensors()),
          optimiser_(optimiser_of(recipe, trainable(tensors_))),
          average_(tensors_, MovingAverage::Buffers::averaged),
          type_(type_of_precision(recipe.common.precision)) {
        state_.scale = LossScale::for_type(type_);
        for (std::size_t i = 0; i < images.size(); ++i) {
            if (images[i].role == Role::training) training_.push_back(i);
            validates_ = validates_ || images[i].role == Role::validation;
        }
        start_from_prior();
        if (options.checkpoint.empty()) return;
        if (auto stored = read_target_checkpoint(options, tensors_, optimiser_)) state_ = std::move(*stored);
    }

    TargetState run() {
        if (recipe_.common.moving_average > 0) average_.start(state_.average);
        while (!state_.finished) {
            train_epoch();
            const auto& common = recipe_.common;
            const bool impatient =
                common.patience > 0 && validates_ && state_.epoch - state_.best_epoch >= common.patience;
            state_.finished = impatient || state_.epoch >= common.epochs;
            state_.average = average_.values();
            if (state_.finished && (state_.best.empty() || common.keep == "last"))
                state_.best = average_.is_on() ? state_.average : copy_weights(tensors_);
            if (!options_.checkpoint.empty()) write_target_checkpoint(options_, tensors_, optimiser_, state_);
        }
        set_weights(tensors_, state_.best);
        for (const auto& parameter : optimiser_.parameters()) parameter.tensor.requires_grad_(false);
        return std::move(state_);
    }

private:
    /// A batch, [crops, 1, side, side] each.
    struct Shown {
        at::Tensor pixels, truth;
    };
    void start_from_prior();
    void train_epoch();
    std::optional<double> train_step(std::span<const std::size_t> crops, int epoch);
    Shown show(std::span<const std::size_t> crops, int epoch) const;
    at::Tensor forward(const at::Tensor& pixels);
    std::vector<at::Tensor> gradients_of(const at::Tensor& loss) const;
    void judge_epoch(TargetEpoch& record);
    void report(const TargetEpoch& record) const;

    networks::Network& network_;
    const std::vector<TargetImage>& images_;
    const TargetRecipe& recipe_;
    const FitOptions& options_;
    std::vector<NamedTensor> tensors_;
    TargetOptimiser optimiser_;
    MovingAverage average_;
    at::ScalarType type_;
    std::vector<std::size_t> training_;
    bool validates_ = false;
    TargetState state_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Targets are rare: a network that begins with half a target everywhere first has to forget it.
/// Source   Lin et al., "Focal Loss for Dense Object Detection", 2017, section 3.3.
void TargetFit::start_from_prior() {
    if (recipe_.prior <= 0) return;
    for (const auto& t : tensors_)
        if (t.name == kLastBias) {
            const at::NoGradGuard no_grad;
            t.tensor.fill_(static_cast<float>(std::log(recipe_.prior / (1 - recipe_.prior))));
        }
}

void TargetFit::train_epoch() {
    const auto batch = static_cast<std::size_t>(recipe_.common.batch);
    const int epoch = state_.epoch + 1;
    const auto order = shuffled(training_.size() * static_cast<std::size_t>(recipe_.crops),
                                Random(options_.seed, Purpose::order, {static_cast<std::uint64_t>(epoch)}));
    network_.train(true);
    double loss = 0;
    std::size_t done = 0;
    // The last, smaller batch is left out: its statistics would be those of a few crops.
    for (std::size_t first = 0; first + std::min(batch, order.size()) <= order.size(); first += batch) {
        if (options_.stop && options_.stop())
            throw Error(Code::interrupted,
                        fmt::format("training stopped in epoch {} of {}; run the same command again to go on",
                                    epoch, recipe_.common.epochs));
        const auto crops = std::span(order).subspan(first, std::min(batch, order.size()));
        const auto value = train_step(crops, epoch);
        if (!value) continue;
        loss += *value;
        ++done;
    }
    network_.train(false);
    state_.epoch = epoch;
    TargetEpoch record;
    record.epoch = epoch;
    record.loss = loss / static_cast<double>(std::max<std::size_t>(1, done));
    judge_epoch(record);
    state_.history.push_back(record);
    report(record);
}

/// Cut and changed on the CPU, wherever the network is.
TargetFit::Shown TargetFit::show(std::span<const std::size_t> crops, int epoch) const {
    const std::int64_t side = network_.window(), area = side * side;
    const auto batch = static_cast<std::int64_t>(crops.size());
    const at::Tensor pixels = at::empty({batch, 1, side, side}, at::kFloat),
                     truth = at::empty({batch, 1, side, side}, at::kFloat);
    for (std::int64_t i = 0; i < batch; ++i) {
        const auto crop = crops[static_cast<std::size_t>(i)];
        const auto from = [&](const at::Tensor& t) {
            return values_of(t).subspan(static_cast<std::size_t>(i * area), static_cast<std::size_t>(area));
        };
        cut_crop(images_[training_[crop % training_.size()]], static_cast<int>(side), recipe_,
                 Random(options_.seed, Purpose::augmentation, {static_cast<std::uint64_t>(epoch), crop}),
                 from(pixels), from(truth));
    }
    const auto device = device_of(tensors_);
    return {pixels.to(device), truth.to(device)};
}

at::Tensor TargetFit::forward(const at::Tensor& pixels) {
    if (auto* mim = dynamic_cast<networks::MimIstd*>(&network_))
        mim->set_dropout_key(
            Random(options_.seed, Purpose::order, {static_cast<std::uint64_t>(optimiser_.steps()), 0xD20})
                .bits());
    const Autocast cast(pixels.device(), type_);
    return networks::full_precision(network_.forward(pixels));
}

/// The loss; nothing where the step was left out.
std::optional<double> TargetFit::train_step(std::span<const std::size_t> crops, int epoch) {
    const WithoutOneDnn without;
    const kernels::FlushDenormals flushed;
    const auto shown = show(crops, epoch);
    const auto loss = loss_of(recipe_.loss, forward(shown.pixels), shown.truth);
    auto gradients = gradients_of(Arithmetic{type_, state_.scale.value}.scaled(loss));
    const double value = loss.item<double>();
    const auto step = state_.scale.unscale(value, gradients);
    if (step == LossScale::Step::hopeless)
        throw Error(Code::scene, fmt::format("the loss or a gradient is not finite in epoch {}; lower "
                                             "recipe.learning_rate or check the images",
                                             epoch));
    if (step == LossScale::Step::left_out) return std::nullopt;
    clip_gradients(gradients, recipe_.common.gradient_clip);
    const auto per_epoch = static_cast<std::int64_t>(
        std::max<std::size_t>(1, training_.size() * static_cast<std::size_t>(recipe_.crops) / crops.size()));
    optimiser_.step(gradients,
                    learning_rate(recipe_.common, optimiser_.steps(), per_epoch * recipe_.common.epochs,
                                  per_epoch * recipe_.common.warmup));
    average_.add_step(recipe_.common.moving_average, optimiser_.steps());
    return value;
}

std::vector<at::Tensor> TargetFit::gradients_of(const at::Tensor& loss) const {
    for (const auto& parameter : optimiser_.parameters()) parameter.tensor.mutable_grad() = at::Tensor();
    loss.backward();
    std::vector<at::Tensor> gradients;
    for (const auto& parameter : optimiser_.parameters())
        gradients.push_back(parameter.tensor.grad().contiguous());
    return gradients;
}

void TargetFit::judge_epoch(TargetEpoch& record) {
    const bool due = state_.epoch % recipe_.validate_every == 0 || state_.epoch == recipe_.common.epochs;
    if (!validates_ || !due) return;
    const MovingAverage::InPlace averaged(average_);
    const auto found = judge_targets(network_, images_, Role::validation, overlap_of(network_.window()));
    record.iou = found.iou();
    record.niou = found.niou();
    record.pd = found.targets > 0 ? found.pd() : 0;
    record.fa = found.fa();
    const double score = (record.iou + record.niou) / 2;
    if (recipe_.common.keep == "best" && score > state_.best_score) {
        state_.best_score = score;
        state_.best_epoch = state_.epoch;
        state_.best = copy_weights(tensors_);
    }
}

void TargetFit::report(const TargetEpoch& record) const {
    if (!options_.progress) return;
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start_;
    TrainingProgress progress;
    progress.epoch = record.epoch;
    progress.epochs = recipe_.common.epochs;
    progress.loss = record.loss;
    progress.seconds = seconds.count();
    progress.measures = record.iou < 0 ? std::string("not validated")
                                       : fmt::format("IoU {:.4f}  nIoU {:.4f}  Pd {:.4f}  Fa {:.1f}e-6",
                                                     record.iou, record.niou, record.pd, record.fa);
    options_.progress(progress);
}

}  // namespace

int overlap_of(int window) { return std::min(64, window / 4); }

TargetState fit_targets(networks::Network& network, const std::vector<TargetImage>& images,
                        const TargetRecipe& recipe, const FitOptions& options) {
    return TargetFit(network, images, recipe, options).run();
}

}  // namespace spectile::training
