#include "training/pretrain_stage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>

#include "spectile/error.hpp"
#include "training/gradient_sum.hpp"
#include "training/pretrain_crops.hpp"
#include "training/pretrain_round.hpp"

namespace spectile::training {
namespace {

using networks::SpectralGpt;
using Clock = std::chrono::steady_clock;

constexpr double kReferenceBatch = 256;

/// One stage from where the state stands to its end.
class StageFit {
public:
    StageFit(const PretrainData& data, const PretrainOptions& options, Pretrained& pretrained)
        : data_(data),
          options_(options),
          network_(*pretrained.network),
          state_(pretrained.state),
          tensors_(network_.tensors()),
          optimiser_(trainable(tensors_), data.definition.weight_decay,
                     {data.definition.betas[0], data.definition.betas[1]}),
          gradients_(optimiser_.parameters(), options.group),
          type_(type_of_precision(data.definition.precision)),
          stage_(data.definition.stages[static_cast<std::size_t>(state_.stage)]) {
        if (!state_.scale.moves) state_.scale = LossScale::for_type(type_);
        const auto crops = data.index.size(Role::training);
        per_pass_ = static_cast<std::uint64_t>(data.definition.batch);
        per_step_ = std::min(crops, per_pass_ * static_cast<std::uint64_t>(data.definition.accumulation));
        steps_ = crops / per_step_;
        ours_ = static_cast<std::uint64_t>(options.group.rank()) * per_pass_;
        per_round_ = static_cast<std::uint64_t>(options.group.size()) * per_pass_;
    }

    void restore() { read_pretrain_tensors(options_.checkpoint, tensors_, optimiser_); }

    void run() {
        try {
            run_epochs();
        } catch (const Error& e) {
            // Nobody who waits for others changes what the last finished step left.
            if (e.code() == Code::interrupted) write();
            throw;
        }
    }

private:
    void run_epochs() {
        if (state_.epoch == 0 && state_.step == 0) judge_epoch({.stage = state_.stage + 1});
        while (state_.epoch < stage_.epochs) {
            train_epoch();
            write_if_due();
        }
        write();
        for (const auto& parameter : optimiser_.parameters()) parameter.tensor.requires_grad_(false);
    }
    void train_epoch();
    void train_step(const EpochOrder& order);
    bool take_step(const LossSums& sums);
    void judge_epoch(PretrainEpoch record);
    LossSums held_out() const;
    /// Crops [first, end) of which this process's batch of a round begins at `first`.
    MaskedCrops batch_of_round(
        std::uint64_t first, std::uint64_t end,
        const std::function<MaskedCrops(std::uint64_t first, std::uint64_t count)>& cut) const;
    void write() const;
    void write_if_due();
    void stop_if_asked() const;
    void report(const std::string& measures, int epoch, double loss) const;
    double rate_of(std::uint64_t step) const {
        const double share = static_cast<double>(step) / static_cast<double>(steps_);
        return pretraining_rate(stage_, state_.epoch + share, per_step_);
    }

    const PretrainData& data_;
    const PretrainOptions& options_;
    SpectralGpt& network_;
    PretrainState& state_;
    std::vector<networks::NamedTensor> tensors_;
    AdamW optimiser_;
    GradientSum gradients_;
    at::ScalarType type_;
    const PretrainingStage& stage_;
    std::uint64_t per_pass_ = 1, per_step_ = 1, steps_ = 1;
    std::uint64_t ours_ = 0, per_round_ = 1;  ///< Where our batch begins in a round of one for each process.
    Clock::time_point start_ = Clock::now(), written_ = start_, told_ = start_;
};

void StageFit::train_epoch() {
    const auto stage = static_cast<std::uint64_t>(state_.stage) + 1,
               epoch = static_cast<std::uint64_t>(state_.epoch) + 1;
    const EpochOrder order{.order = Permutation(data_.index.size(Role::training),
                                                Random(options_.seed, Purpose::order, {stage, epoch})),
                           .seed = options_.seed,
                           .stage = stage,
                           .epoch = epoch,
                           .flips = data_.definition.flips};
    while (state_.step < steps_) {
        train_step(order);
        if (state_.step < steps_) write_if_due();
    }
    PretrainEpoch record{.stage = state_.stage + 1,
                         .epoch = state_.epoch + 1,
                         .learning_rate = rate_of(steps_ - 1),
                         .crops = state_.sums.crops};
    if (const auto crops = static_cast<double>(record.crops); crops > 0) {
        record.token = state_.sums.token / crops;
        record.spectral = state_.sums.spectral / crops;
    }
    judge_epoch(record);  // Cut off in here, the epoch stands at its last step.
    ++state_.epoch;
    state_.step = 0;
    state_.sums = {};
}

void StageFit::train_step(const EpochOrder& order) {
    gradients_.clear();
    LossSums sums;
    const std::uint64_t first = state_.step * per_step_, end = first + per_step_;
    for (std::uint64_t round = first; round < end; round += per_round_) {
        const auto crops = batch_of_round(round + ours_, end, [&](std::uint64_t at, std::uint64_t count) {
            return training_crops(data_.crops, network_.config(), order, at, count);
        });
        LossSums ours;
        if (crops.pixels.defined())
            ours = learn_crops({.network = network_,
                                .parameters = optimiser_.parameters(),
                                .threads = options_.threads,
                                .parallel = options_.parallel,
                                .arithmetic = {.type = type_, .loss_scale = state_.scale.value}},
                               crops, gradients_.batch());
        gradients_.add();
        add_losses(options_.group, ours, sums);
    }
    if (sums.crops > 0 && take_step(sums)) state_.sums.add(sums);
    state_.left_out = data_.crops.left_out;
    ++state_.step;
}

/// With the sum of the gradients of a step, the same in every process. False where it was left out.
bool StageFit::take_step(const LossSums& sums) {
    const auto& gradients = gradients_.sum();
    for (const auto& gradient : gradients) gradient.div_(static_cast<float>(sums.crops));
    const auto step = state_.scale.unscale(sums.mean(), gradients);
    if (step == LossScale::Step::hopeless)
        throw Error(Code::scene, fmt::format("the loss or a gradient is not finite in step {} of epoch {}; "
                                             "lower base_learning_rate, give parameters.norm_pix_loss, or "
                                             "check the scenes",
                                             state_.step + 1, state_.epoch + 1));
    if (step == LossScale::Step::taken) optimiser_.step(gradients, rate_of(state_.step));
    return step == LossScale::Step::taken;
}

/// Judges the network on the held-out crops where that is due, and tells of the epoch.
void StageFit::judge_epoch(PretrainEpoch record) {
    const bool due = record.epoch % data_.definition.validate_every == 0 || record.epoch == stage_.epochs;
    const auto held = due ? held_out() : LossSums{};
    state_.left_out = data_.crops.left_out;
    if (const auto crops = static_cast<double>(held.crops); crops > 0) {
        record.held_token = held.token / crops;
        record.held_spectral = held.spectral / crops;
    }
    state_.history.push_back(record);
    std::string text = fmt::format("stage {} of {}", state_.stage + 1, data_.definition.stages.size());
    if (record.crops > 0)
        text += fmt::format("  tokens {:.5f}  spectra {:.5f}", record.token, record.spectral);
    if (held.crops > 0)
        text += fmt::format("  held out {:.5f} (tokens {:.5f}, spectra {:.5f})", held.mean(),
                            record.held_token, record.held_spectral);
    report(text, record.epoch, record.crops > 0 ? record.token + record.spectral : 0);
}

LossSums StageFit::held_out() const {
    LossSums sums;
    if (data_.index.size(Role::validation) == 0) return sums;
    const auto of = static_cast<std::uint64_t>(data_.definition.validation_crops);
    for (std::uint64_t round = 0; round < of; round += per_round_) {
        const auto crops = batch_of_round(round + ours_, of, [&](std::uint64_t at, std::uint64_t count) {
            return held_out_crops(data_.crops, data_.index, network_.config(), options_.seed,
                                  {at, count, of});
        });
        LossSums ours;
        if (crops.pixels.defined()) ours = reconstruction_losses(network_, crops, options_.parallel);
        add_losses(options_.group, ours, sums);
    }
    return sums;
}

MaskedCrops StageFit::batch_of_round(
    std::uint64_t first, std::uint64_t end,
    const std::function<MaskedCrops(std::uint64_t first, std::uint64_t count)>& cut) const {
    stop_if_asked();
    return cut_in_round(options_.group, data_.crops, [&] {
        return first < end ? cut(first, std::min(per_pass_, end - first)) : MaskedCrops{};
    });
}

void StageFit::write() const {
    if (!options_.checkpoint.empty() && options_.group.rank() == 0)
        write_pretrain_checkpoint(options_.checkpoint, options_.fingerprint, tensors_, optimiser_, state_);
}

void StageFit::write_if_due() {
    const auto& definition = data_.definition;
    const auto now = Clock::now();
    const std::chrono::duration<double> since = now - written_, told = now - told_;
    if (told.count() > 60 && state_.step > 0) {
        report(fmt::format("stage {}  step {} of {}", state_.stage + 1, state_.step, steps_),
               state_.epoch + 1, state_.sums.mean());
        told_ = now;
    }
    const auto steps = static_cast<std::uint64_t>(optimiser_.steps);
    const bool by_steps = definition.checkpoint_steps > 0 &&
                          steps % static_cast<std::uint64_t>(definition.checkpoint_steps) == 0;
    const bool by_time =
        definition.checkpoint_minutes > 0 && since.count() > 60 * definition.checkpoint_minutes;
    if (!by_steps && !by_time) return;
    write();
    written_ = Clock::now();
}

/// What a step that is cut off has found, unusable entries too, is found again.
void StageFit::stop_if_asked() const {
    if (!is_anyone_asked(options_.group, options_.stop)) return;
    throw Error(Code::interrupted,
                fmt::format("pretraining stopped in stage {}, epoch {} of {}, after {} of {} steps; run the "
                            "same command again to go on",
                            state_.stage + 1, state_.epoch + 1, stage_.epochs, state_.step, steps_));
}

void StageFit::report(const std::string& measures, int epoch, double loss) const {
    if (!options_.progress || options_.group.rank() != 0) return;
    const std::chrono::duration<double> seconds = Clock::now() - start_;
    TrainingProgress progress;
    progress.seed = options_.seed;
    progress.epoch = epoch;
    progress.epochs = stage_.epochs;
    progress.loss = loss;
    progress.seconds = seconds.count();
    progress.measures = measures;
    options_.progress(progress);
}

}  // namespace

double pretraining_rate(const PretrainingStage& stage, double epochs, std::uint64_t crops) {
    const double highest = stage.base_learning_rate * static_cast<double>(crops) / kReferenceBatch;
    if (epochs < stage.warmup) return highest * epochs / stage.warmup;
    const double span = std::max(1, stage.epochs - stage.warmup);
    return highest * 0.5 * (1 + std::cos(std::numbers::pi * (epochs - stage.warmup) / span));
}

void fit_stage(const PretrainData& data, const PretrainOptions& options, Pretrained& pretrained,
               bool restore) {
    StageFit fit(data, options, pretrained);
    if (restore) fit.restore();
    fit.run();
}

}  // namespace spectile::training
