#include "training/fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "spectile/error.hpp"
#include "training/batch.hpp"
#include "training/sampling.hpp"
#include "training/schedule.hpp"

namespace spectile::training {
namespace {

using networks::NamedTensor;

/// One training on its way: the network, its optimiser and what the checkpoint stores.
class Fit {
public:
    Fit(networks::Network& network, const Dataset& dataset, const Recipe& recipe, const FitOptions& options);
    TrainingState run();

private:
    void train_epoch();
    void after_step();
    void judge_epoch(EpochRecord& record);
    void report(const EpochRecord& record) const;
    void leave_kept_weights();
    void save() const;

    networks::Network& network_;
    const Dataset& dataset_;
    const Recipe& recipe_;
    const FitOptions& options_;
    std::vector<NamedTensor> tensors_;
    std::vector<std::size_t> training_;
    bool validates_ = false;
    BatchContext context_;
    AdamW optimiser_;
    TrainingState state_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

Fit::Fit(networks::Network& network, const Dataset& dataset, const Recipe& recipe, const FitOptions& options)
    : network_(network),
      dataset_(dataset),
      recipe_(recipe),
      options_(options),
      tensors_(network.tensors()),
      training_(dataset.with_role(Role::training)),
      validates_(!dataset.with_role(Role::validation).empty()),
      context_{
          network, dataset,         recipe, options.seed, trainable(tensors_), class_weights(recipe, dataset),
          {},      options.parallel},
      optimiser_(context_.parameters, recipe.weight_decay) {
    context_.members.resize(dataset.classes.size());
    for (const auto i : training_)
        context_.members[static_cast<std::size_t>(dataset.samples[i].target)].push_back(i);
    if (options.checkpoint.empty()) return;
    if (auto stored = read_checkpoint(options.checkpoint, options.fingerprint, tensors_, optimiser_))
        state_ = std::move(*stored);
}

TrainingState Fit::run() {
    if (recipe_.moving_average > 0 && state_.average.empty()) state_.average = copy_weights(tensors_);
    while (!state_.finished) {
        train_epoch();
        const bool impatient =
            recipe_.patience > 0 && validates_ && state_.epoch - state_.best_epoch >= recipe_.patience;
        state_.finished = impatient || state_.epoch >= recipe_.epochs;
        save();
    }
    leave_kept_weights();
    return std::move(state_);
}

void Fit::train_epoch() {
    const auto batch = static_cast<std::size_t>(recipe_.batch);
    const auto per_epoch = static_cast<std::int64_t>((training_.size() + batch - 1) / batch);
    const int epoch = state_.epoch + 1;
    const auto samples = epoch_order(recipe_, context_.members, options_.seed, epoch);

    network_.train(true);
    double loss = 0;
    std::size_t hits = 0;
    for (std::size_t first = 0; first < samples.size(); first += batch) {
        if (options_.stop && options_.stop())
            throw Error(Code::interrupted,
                        fmt::format("training stopped in epoch {} of {}; run the same command again to go on",
                                    epoch, recipe_.epochs));
        const auto part = std::span(samples).subspan(first, std::min(batch, samples.size() - first));
        BatchResult result = run_batch(context_, part, epoch);
        if (!std::isfinite(result.loss) || !std::isfinite(gradient_norm(result.gradients)))
            throw Error(Code::scene,
                        fmt::format("the loss is not finite in epoch {}; lower recipe.learning_rate or "
                                    "check the scene for values far out of range",
                                    epoch));
        clip_gradients(result.gradients, recipe_.gradient_clip);
        optimiser_.step(result.gradients, learning_rate(recipe_, optimiser_.steps, per_epoch * recipe_.epochs,
                                                        per_epoch * recipe_.warmup));
        after_step();
        loss += result.loss * static_cast<double>(part.size());
        hits += result.hits;
    }
    network_.train(false);
    const auto count = static_cast<double>(samples.size());
    EpochRecord record{
        .epoch = epoch, .loss = loss / count, .training_accuracy = static_cast<double>(hits) / count};
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
    if (validates_) {
        const auto accuracy =
            judge(network_, dataset_, Role::validation, options_.parallel).confusion.accuracy();
        record.validation_overall = accuracy.overall;
        record.validation_average = accuracy.average;
        if (recipe_.keep == "best") score = (accuracy.overall + accuracy.average) / 2;
    }
    if (score > state_.best_score) {
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
                       .seconds = seconds.count()});
}

void Fit::leave_kept_weights() {
    if (!state_.best.empty()) set_weights(tensors_, state_.best);
    for (const auto& parameter : context_.parameters) parameter.tensor.requires_grad_(false);
}

void Fit::save() const {
    if (!options_.checkpoint.empty())
        write_checkpoint(options_.checkpoint, options_.fingerprint, tensors_, optimiser_, state_);
}

}  // namespace

TrainingState fit(networks::Network& network, const Dataset& dataset, const Recipe& recipe,
                  const FitOptions& options) {
    return Fit(network, dataset, recipe, options).run();
}

Judged judge(networks::Network& network, const Dataset& dataset, Role role, const ParallelFor& parallel) {
    Judged judged{.samples = dataset.with_role(role), .predicted = {}, .confusion = {}};
    judged.predicted = predict(network, dataset, judged.samples, parallel);
    judged.confusion = evaluate::Confusion(dataset.classes);
    for (std::size_t i = 0; i < judged.samples.size(); ++i) {
        const auto target = static_cast<std::size_t>(dataset.samples[judged.samples[i]].target);
        judged.confusion.add(dataset.classes[target].value,
                             dataset.classes[static_cast<std::size_t>(judged.predicted[i])].value);
    }
    return judged;
}

}  // namespace spectile::training
