#include "training/pretrain_record.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "models/networks/spectral_gpt/encoder.hpp"
#include "pipeline/pretraining_recipe.hpp"
#include "training/pretrain_crops.hpp"

namespace spectile::training {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kVarianceFloor = 1e-6;

Json number_or_null(double value) { return value < 0 ? Json() : Json(value); }

/// Loss at the beginning and at the end of each stage.
Json stage_losses(const std::vector<PretrainEpoch>& history, int stage) {
    Json losses = Json::object();
    for (const auto& epoch : history) {
        if (epoch.stage != stage) continue;
        if (epoch.epoch == 0 && epoch.held_token >= 0)
            losses["held_out_before"] = epoch.held_token + epoch.held_spectral;
        if (epoch.epoch == 0) continue;
        const Json now = {{"epoch", epoch.epoch},
                          {"token", number_or_null(epoch.token)},
                          {"spectral", number_or_null(epoch.spectral)}};
        if (epoch.epoch == 1) losses["first"] = now;
        losses["last"] = now;
        if (epoch.held_token >= 0)
            losses["held_out"] = {{"epoch", epoch.epoch},
                                  {"token", epoch.held_token},
                                  {"spectral", epoch.held_spectral},
                                  {"total", epoch.held_token + epoch.held_spectral}};
    }
    return losses;
}

/// Tokens as values of the image: those predicted in a standardised form are given their own mean and
/// deviation back.
at::Tensor filled_in(const entries::SpectralGptConfig& config, const at::Tensor& predicted,
                     const at::Tensor& target, const at::Tensor& hidden) {
    at::Tensor values = predicted;
    if (config.norm_pix_loss) {
        constexpr std::int64_t kLast[] = {-1};
        const at::IntArrayRef last = kLast;
        const auto deviation =
            (target.var(last, /*unbiased=*/true, /*keepdim=*/true) + kVarianceFloor).sqrt();
        values = predicted * deviation + target.mean(last, /*keepdim=*/true);
    }
    const auto mask = hidden.unsqueeze(-1);
    return values * mask + target * (1 - mask);
}

/// Red, green and blue of Sentinel-2 where there are so many bands, else the first three.
std::vector<int> picture_bands(int bands) {
    if (bands >= 4) return {3, 2, 1};
    return {0, std::min(1, bands - 1), std::min(2, bands - 1)};
}

Json pixels_of(const at::Tensor& image, const std::vector<int>& bands, float low, float high) {
    Json pixels = Json::array();
    for (const int band : bands) {
        const auto plane = image[0][band].contiguous();
        for (const float value : values_of(plane))
            pixels.push_back(
                std::clamp(static_cast<int>(255 * (value - low) / std::max(high - low, 1e-12F)), 0, 255));
    }
    return pixels;
}

}  // namespace

Json provenance_of(const Training& training, const PretrainStart& start, const SceneIndex& index,
                   const Pretrained& pretrained) {
    const auto& summary = index.summary();
    const auto& state = pretrained.state;
    Json said = {{"index",
                  {{"file", summary.file},
                   {"sha256", summary.sha256},
                   {"training", summary.training},
                   {"validation", summary.validation},
                   {"left_aside", summary.left_aside},
                   {"left_out", state.left_out.places.size()},
                   {"crops_without_measurement", state.left_out.empty_crops}}},
                 {"recipe", definition::pretraining_recipe(*training.pretraining)},
                 {"seed", training.seeds.front()},
                 {"losses", Json::array()}};
    if (!summary.first_date.empty()) said["index"]["dates"] = {summary.first_date, summary.last_date};
    if (start.start) said["start"] = {{"model", start.start->name}, {"sha256", start.start->weights_sha256}};
    const auto& stages = training.pretraining->stages;
    for (std::size_t i = 0; i < stages.size(); ++i) {
        Json losses = stage_losses(state.history, static_cast<int>(i) + 1);
        losses["side"] = stages[i].side;
        said["losses"].push_back(std::move(losses));
    }
    return said;
}

Json record_of(const Training& training, const PretrainStart& start, const Pretrained& pretrained) {
    Json curve = Json::array();
    int number = 0;
    for (const auto& e : pretrained.state.history) {
        if (e.epoch == 0) continue;
        const double held = e.held_token < 0 ? 0 : e.held_token + e.held_spectral;
        curve.push_back({++number, e.token, e.spectral, held, e.learning_rate, e.stage, e.epoch});
    }
    return {{"name", training.name},
            {"architecture", start.card.architecture},
            {"panels",
             {{{"title", "Loss on hidden tokens"}, {"column", 1}},
              {{"title", "Loss on sums of the spectrum"}, {"column", 2}},
              {{"title", "Both, on held-out crops"}, {"column", 3}},
              {{"title", "Learning rate"}, {"column", 4}}}},
            {"trials", {{{"fold", -1}, {"seed", training.seeds.front()}, {"curve", curve}}}}};
}

Json picture_of(const PretrainData& data, networks::SpectralGpt& network, std::uint64_t seed) {
    const auto& config = network.config();
    const EpochOrder any{
        .order = Permutation(data.index.size(Role::training), Random(seed, Purpose::order, {1, 1})),
        .seed = seed,
        .stage = 1,
        .epoch = 1,
        .flips = false};
    const bool held = data.index.size(Role::validation) > 0;
    const auto crop = held ? held_out_crops(data.crops, data.index, config, seed, {0, 1, 1})
                           : training_crops(data.crops, config, any, 0, 1);
    if (!crop.pixels.defined()) return {};
    const at::AutoGradMode no_gradients(false);
    const auto masking = networks::mask_tokens(crop.noise, config.mask_ratio);
    const auto target = networks::gpt::patchify(config, crop.pixels);
    const auto predicted = network.reconstruct(crop.pixels, masking);
    const auto shown = networks::gpt::unpatchify(config, target * (1 - masking.hidden.unsqueeze(-1)));
    const auto filled =
        networks::gpt::unpatchify(config, filled_in(config, predicted, target, masking.hidden));
    const auto bands = picture_bands(config.input_bands());
    const auto values = values_of(crop.pixels);
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    return {{"side", config.side},
            {"scene", pixels_of(crop.pixels, bands, *low, *high)},
            {"visible", pixels_of(shown, bands, *low, *high)},
            {"filled_in", pixels_of(filled, bands, *low, *high)}};
}

}  // namespace spectile::training
