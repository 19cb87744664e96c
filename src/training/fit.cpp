#include "training/fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "spectile/error.hpp"
#include "training/mixed_precision.hpp"
#include "training/moving_average.hpp"
#include "training/pixel_lessons.hpp"
#include "training/schedule.hpp"

namespace spectile::training {
namespace {

using networks::NamedTensor;

/// One training on its way: the network, its optimiser and what the checkpoint stores.
class Fit {
public:
    Fit(networks::Network& network, Lessons& lessons, const Recipe& recipe, const FitOptions& options);
    TrainingState run();

private:
    void train_epoch();
    std::optional<BatchResult> train_step(std::size_t first, std::size_t count, std::int64_t per_epoch);
    void judge_epoch(EpochRecord& record);
    void report(const EpochRecord& record) const;
    void leave_kept_weights();
    void save();

    networks::Network& network_;
    Lessons& lessons_;
    const Recipe& recipe_;
    const FitOptions& options_;
    std::vector<NamedTensor> tensors_;
    AdamW optimiser_;
    MovingAverage average_;
    at::ScalarType type_;
    TrainingState state_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

Fit::Fit(networks::Network& network, Lessons& lessons, const Recipe& recipe, const FitOptions& options)
    : network_(network),
      lessons_(lessons),
      recipe_(recipe),
      options_(options),
      tensors_(network.tensors()),
      optimiser_(trainable(tensors_), recipe.weight_decay),
      average_(tensors_, MovingAverage::Buffers::copied),
      type_(type_of_precision(recipe.precision)) {
    optimiser_.rate_scales = options.rate_scales;
    state_.scale = LossScale::for_type(type_);
    if (options.checkpoint.empty()) return;
    if (auto stored = read_checkpoint(options.checkpoint, options.fingerprint, tensors_, optimiser_))
        state_ = std::move(*stored);
}

TrainingState Fit::run() {
    if (recipe_.moving_average > 0) average_.start(state_.average);
    while (!state_.finished) {
        train_epoch();
        const bool impatient = recipe_.patience > 0 && lessons_.validates() &&
                               state_.epoch - state_.best_epoch >= recipe_.patience;
        state_.finished = impatient || state_.epoch >= recipe_.epochs;
        save();
    }
    leave_kept_weights();
    return std::move(state_);
}

void Fit::train_epoch() {
    const auto batch = static_cast<std::size_t>(recipe_.batch), samples = lessons_.samples();
    const auto per_epoch = static_cast<std::int64_t>((samples + batch - 1) / batch);
    const int epoch = state_.epoch + 1;
    lessons_.begin(epoch);

    network_.train(true);
    double loss = 0;
    std::size_t learnt = 0, hits = 0, judged = 0;
    for (std::size_t first = 0; first < samples; first += batch) {
        if (options_.stop && options_.stop())
            throw Error(Code::interrupted,
                        fmt::format("training stopped in epoch {} of {}; run the same command again to go on",
                                    epoch, recipe_.epochs));
        const std::size_t count = std::min(batch, samples - first);
        const auto result = train_step(first, count, per_epoch);
        if (!result) continue;
        loss += result->loss * static_cast<double>(count);
        learnt += count;
        hits += result->hits;
        judged += result->judged;
    }
    network_.train(false);
    EpochRecord record{.epoch = epoch,
                       .loss = loss / static_cast<double>(std::max<std::size_t>(1, learnt)),
                       .training_accuracy =
                           static_cast<double>(hits) / static_cast<double>(std::max<std::size_t>(1, judged))};
    state_.epoch = epoch;
    judge_epoch(record);
    state_.history.push_back(record);
    report(record);
}

/// Nothing where the step was left out.
std::optional<BatchResult> Fit::train_step(std::size_t first, std::size_t count, std::int64_t per_epoch) {
    BatchResult result = lessons_.learn(first, count, {.type = type_, .loss_scale = state_.scale.value});
    const auto step = state_.scale.unscale(result.loss, result.gradients);
    if (step == LossScale::Step::hopeless)
        throw Error(Code::scene,
                    fmt::format("the loss is not finite in epoch {}; lower recipe.learning_rate or "
                                "check the scene for values far out of range",
                                state_.epoch + 1));
    if (step == LossScale::Step::left_out) return std::nullopt;
    clip_gradients(result.gradients, recipe_.gradient_clip);
    optimiser_.step(result.gradients, learning_rate(recipe_, optimiser_.steps, per_epoch * recipe_.epochs,
                                                    per_epoch * recipe_.warmup));
    average_.add_step(recipe_.moving_average, optimiser_.steps);
    return result;
}

void Fit::judge_epoch(EpochRecord& record) {
    const MovingAverage::InPlace averaged(average_);
    double score = state_.epoch;  // Without validation, or where the last is wanted, later is better.
    const bool chooses = lessons_.validates() && recipe_.keep == "best";
    const bool due = lessons_.due(state_.epoch) || state_.epoch == recipe_.epochs;
    if (lessons_.validates() && due) {
        const auto validation = lessons_.validate();
        record.validation_overall = validation.overall;
        record.validation_average = validation.average;
        if (chooses) score = validation.score;
    }
    if ((due || !chooses) && score > state_.best_score) {
        state_.best_score = score;
        state_.best_epoch = state_.epoch;
        state_.best = copy_weights(tensors_);
    }
}

void Fit::report(const EpochRecord& record) const {
    if (!options_.progress) return;
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start_;
    options_.progress({.epoch = record.epoch,
                       .epochs = recipe_.epochs,
                       .loss = record.loss,
                       .training_accuracy = record.training_accuracy,
                       .validation_accuracy = record.validation_overall,
                       .validation_average = record.validation_average,
                       .seconds = seconds.count(),
                       .measures = {}});
}

void Fit::leave_kept_weights() {
    if (!state_.best.empty()) set_weights(tensors_, state_.best);
    for (const auto& parameter : optimiser_.parameters()) parameter.tensor.requires_grad_(false);
}

void Fit::save() {
    state_.average = average_.values();
    if (!options_.checkpoint.empty())
        write_checkpoint(options_.checkpoint, options_.fingerprint, tensors_, optimiser_, state_);
}

}  // namespace

TrainingState fit(networks::Network& network, const Dataset& dataset, const Recipe& recipe,
                  const FitOptions& options) {
    PixelLessons lessons(network, dataset, recipe, options.seed, options.parallel);
    return fit(network, lessons, recipe, options);
}

TrainingState fit(networks::Network& network, Lessons& lessons, const Recipe& recipe,
                  const FitOptions& options) {
    return Fit(network, lessons, recipe, options).run();
}

}  // namespace spectile::training
