#include "models/networks/spectral_gpt/dense_head.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/adaptive_max_pool2d.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/log_softmax.h>

#include <array>
#include <vector>

#include "models/networks/layers/counter_random.hpp"
#include "models/networks/layers/full_precision.hpp"
#include "models/networks/layers/mixed.hpp"
#include "models/networks/spectral_gpt/convolutions.hpp"
#include "models/networks/spectral_gpt/dropout.hpp"
#include "models/networks/spectral_gpt/encoder.hpp"

namespace spectile::networks::gpt {
namespace {

using entries::SpectralGptConfig;

constexpr std::int64_t kWideGroups = 32, kNarrowGroups = 16, kPools[] = {1, 2, 3, 6};
constexpr int kScales = 4;
using Scales = std::array<at::Tensor, kScales>;  ///< From fine to coarse, each half of the one before.

// Where training leaves values out: behind each scale, the pyramid and each of the joining layers.
constexpr std::uint64_t kOfScale = 0, kOfPyramid = 8, kOfJoin = 16;

/// The scales and the pyramid keep their values where only joining layers drop some.
at::Tensor drop_scale(const Pass& pass, const at::Tensor& x, std::uint64_t place) {
    return pass.drops && !pass.drops->only_fused ? drop_values(pass, x, place) : x;
}

Scales scales_of(const Pass& pass, const at::Tensor& map) {
    Scales scales;
    for (int i = 0; i < kScales; ++i) {
        const auto name = "conv" + std::to_string(i);
        auto& scale = scales[static_cast<std::size_t>(i)];
        scale = conv_norm_gelu(pass.in(name), map, kWideGroups);
        if (i + 1 < kScales) scale = enlarge(pass.in(name + ".3"), scale);
        scale = drop_scale(pass, scale, kOfScale + static_cast<std::uint64_t>(i));
        pass.show(name, scale);
    }
    return scales;
}

at::Tensor pool_pyramid(const Pass& pass, const at::Tensor& x) {
    std::vector<at::Tensor> parts;
    for (const auto cells : kPools) {
        const auto index = std::to_string(parts.size());
        const auto pooled = std::get<0>(at::adaptive_max_pool2d(x, {cells, cells}));
        const auto mixed = conv1x1(pass.in("psp_modules." + index + ".1"), pooled);
        pass.show("ppm." + index, mixed);
        parts.push_back(resize(mixed, x.size(2)));
    }
    parts.push_back(x);
    const auto joined = conv_norm_gelu(pass.in("final"), at::cat(parts, 1), kNarrowGroups);
    const auto out = drop_scale(pass, joined, kOfPyramid);
    pass.show("ppm_out", out);
    return out;
}

/// The coarser map, enlarged, and the finer scale.
at::Tensor join(const Pass& pass, int number, const at::Tensor& coarse, const at::Tensor& fine) {
    const auto name = "Conv_fuse" + std::to_string(number);
    const auto place = kOfJoin + 2 * static_cast<std::uint64_t>(number);
    const auto mixed = drop_values(pass, conv_norm_gelu(pass.in(name), fine, kNarrowGroups), place);
    const auto sum = resize(coarse, fine.size(2)) + mixed;
    const auto joined = drop_values(pass, conv_norm_gelu(pass.in(name + "_"), sum, kNarrowGroups), place + 1);
    pass.show(name + "_", joined);
    return joined;
}

/// The 1x1 convolution over all four maps: each map's slice of the weights where the map is small.
at::Tensor fuse(const Pass& pass, const Scales& maps) {
    const auto& weight = pass["0.weight"];
    const std::int64_t width = maps[0].size(1);
    at::Tensor sum;
    for (int i = 0; i < kScales; ++i) {  // The slices lie from coarse to fine.
        const auto& map = maps[static_cast<std::size_t>(i)];
        const auto mixed = mix_channels(weight.narrow(1, (kScales - 1 - i) * width, width), map);
        sum = i == 0 ? mixed + pass["0.bias"].view({-1, 1, 1}) : sum.add_(resize(mixed, maps[0].size(2)));
    }
    return norm_gelu(pass, sum, kNarrowGroups);
}

/// The dates are samples of their own to the encoder, the first ones before the second.
Drops for_each_date(const Drops& drops) {
    Drops both = drops;
    both.keys.clear();
    for (std::uint64_t date = 0; date < 2; ++date)
        for (const auto key : drops.keys) both.keys.push_back(key_of({key, date}));
    return both;
}

}  // namespace

at::Tensor merge_groups(const Pass& pass, const SpectralGptConfig& config, const at::Tensor& tokens) {
    const auto by_group = tokens.view({tokens.size(0), config.groups(), config.positions(), config.embed});
    return mixed::linear(by_group.permute({0, 3, 2, 1}), pass["fc.0.weight"], pass["fc.0.bias"])
        .view({tokens.size(0), config.embed, config.grid(), config.grid()});
}

at::Tensor dense_head(const Pass& pass, const at::Tensor& map) {
    const Pass decoder = pass.in("decoder");
    const Scales scales = scales_of(pass, map);
    Scales maps;
    maps[3] = pool_pyramid(decoder.in("PPMHead"), scales[3]);
    maps[2] = join(decoder, 1, conv1x1(decoder.in("conv_x1"), maps[3]), scales[2]);
    maps[1] = join(decoder, 2, maps[2], scales[1]);
    maps[0] = join(decoder, 3, maps[1], scales[0]);
    const auto fused = fuse(decoder.in("fuse_all"), maps);
    pass.show("fuse_all", fused);
    return mixed::conv2d(fused, pass["cls_seg.0.weight"], pass["cls_seg.0.bias"],
                         {.stride = 1, .padding = 1});
}

namespace {

/// The head behind the map [batch, embed, grid, grid], by the kernels where a scene is inferred.
at::Tensor apply_head(const Pass& pass, const SpectralGptConfig& config, const at::Tensor& map) {
    if (!pass.inference) return dense_head(pass, map);
    const Inference& inference = *pass.inference;
    const auto pixels = map.flatten(2).transpose(1, 2).contiguous();
    const auto scores = at::empty({map.size(0), config.classes, config.side, config.side}, map.options());
    for (std::int64_t sample = 0; sample < map.size(0); ++sample)
        inference.head->run(*inference.head_memory, pixels[sample].data_ptr<float>(),
                            scores[sample].data_ptr<float>(), *inference.parallel);
    return scores;
}

}  // namespace

at::Tensor segment(const Pass& pass, const SpectralGptConfig& config, const at::Tensor& image) {
    const auto tokens = encode(pass, config, image);
    pass.show("encoder_out", tokens);
    const auto map = merge_groups(pass, config, tokens);
    pass.show("feature_map", map);
    return apply_head(pass, config, map);
}

at::Tensor detect_change(const Pass& pass, const SpectralGptConfig& config, const at::Tensor& images) {
    const std::int64_t batch = images.size(0);
    const auto dates =
        at::cat({images.narrow(1, 0, config.bands), images.narrow(1, config.bands, config.bands)});
    Drops of_dates;
    Pass encoding = pass;
    if (pass.drops) encoding.drops = &(of_dates = for_each_date(*pass.drops));
    const auto tokens = encode(encoding, config, dates);
    pass.show("encoder_out_1", tokens.narrow(0, 0, batch));
    pass.show("encoder_out_2", tokens.narrow(0, batch, batch));
    const auto merged = merge_groups(pass, config, tokens);
    const auto difference = merged.narrow(0, 0, batch) - merged.narrow(0, batch, batch);
    pass.show("difference_map", difference);
    const auto logits = apply_head(pass, config, difference);
    pass.show("logits", logits);
    return at::log_softmax(full_precision(logits), 1);
}

}  // namespace spectile::networks::gpt
