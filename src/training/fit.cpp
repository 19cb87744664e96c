#include "training/fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "spectile/error.hpp"
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
    void after_step();
    void judge_epoch(EpochRecord& record);
    void report(const EpochRecord& record) const;
    void leave_kept_weights();
    void save() const;

    networks::Network& network_;
    Lessons& lessons_;
    const Recipe& recipe_;
    const FitOptions& options_;
    std::vector<NamedTensor> tensors_;
    AdamW optimiser_;
    TrainingState state_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

Fit::Fit(networks::Network& network, Lessons& lessons, const Recipe& recipe, const FitOptions& options)
    : network_(network),
      lessons_(lessons),
      recipe_(recipe),
      options_(options),
      tensors_(network.tensors()),
      optimiser_(trainable(tensors_), recipe.weight_decay) {
    optimiser_.rate_scales = options.rate_scales;
    if (options.checkpoint.empty()) return;
    if (auto stored = read_checkpoint(options.checkpoint, options.fingerprint, tensors_, optimiser_))
        state_ = std::move(*stored);
}

TrainingState Fit::run() {
    if (recipe_.moving_average > 0 && state_.average.empty()) state_.average = copy_weights(tensors_);
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
    std::size_t hits = 0, judged = 0;
    for (std::size_t first = 0; first < samples; first += batch) {
        if (options_.stop && options_.stop())
            throw Error(Code::interrupted,
                        fmt::format("training stopped in epoch {} of {}; run the same command again to go on",
                                    epoch, recipe_.epochs));
        const std::size_t count = std::min(batch, samples - first);
        BatchResult result = lessons_.learn(first, count);
        if (!std::isfinite(result.loss) || !std::isfinite(gradient_norm(result.gradients)))
            throw Error(Code::scene,
                        fmt::format("the loss is not finite in epoch {}; lower recipe.learning_rate or "
                                    "check the scene for values far out of range",
                                    epoch));
        clip_gradients(result.gradients, recipe_.gradient_clip);
        optimiser_.step(result.gradients, learning_rate(recipe_, optimiser_.steps, per_epoch * recipe_.epochs,
                                                        per_epoch * recipe_.warmup));
        after_step();
        loss += result.loss * static_cast<double>(count);
        hits += result.hits;
        judged += result.judged;
    }
    network_.train(false);
    EpochRecord record{.epoch = epoch,
                       .loss = loss / static_cast<double>(samples),
                       .training_accuracy = static_cast<double>(hits) / static_cast<double>(judged)};
    state_.epoch = epoch;
    judge_epoch(record);
    state_.history.push_back(record);
    report(record);
}

/// The decay grows with the steps taken, so that the initial weights are soon forgotten.
void Fit::after_step() {
    if (state_.average.empty()) return;
    const auto steps = static_cast<double>(optimiser_.steps);
    const auto keep = static_cast<float>(std::min(recipe_.moving_average, (1 + steps) / (10 + steps)));
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
        const auto now = values_of(tensors_[i].tensor);
        auto& average = state_.average[i];
        if (tensors_[i].trainable)
            for (std::size_t k = 0; k < average.size(); ++k)
                average[k] = keep * average[k] + (1 - keep) * now[k];
        else
            std::copy(now.begin(), now.end(), average.begin());
    }
}

void Fit::judge_epoch(EpochRecord& record) {
    const bool averaged = !state_.average.empty();
    const Weights current = averaged ? copy_weights(tensors_) : Weights{};
    if (averaged) set_weights(tensors_, state_.average);
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
    if (averaged) set_weights(tensors_, current);
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

void Fit::save() const {
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
