#include "models/networks/mim_istd/by_kernel.hpp"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/exp.h>

#include <cmath>

#include "kernels/word_merger.hpp"
#include "kernels/word_mixer.hpp"
#include "kernels/word_projection.hpp"
#include "models/entries/mim_istd_config.hpp"
#include "models/networks/layers/pointer.hpp"

namespace spectile::networks::mim {
namespace {

constexpr std::int64_t kSentences = 64;  ///< Of a thread at least.

std::int64_t side_of(std::int64_t words) { return std::lround(std::sqrt(static_cast<double>(words))); }

const float* values_of(const Pass& pass, const std::string& name) { return pointer(pass[name]); }

kernels::WordMixer mixer_of(const Pass& pass, const at::Tensor& words, const at::Tensor& rates) {
    const auto& projection = pass["inner_attn.x_proj_weight"];
    const auto at = [&](const char* name) { return values_of(pass, name); };
    return {.side = side_of(words.size(1)),
            .width = words.size(2),
            .inner = projection.size(2),
            .rank = projection.size(1) - 2 * entries::MimIstdConfig::kStates,
            .official = pass.official,
            .norm1_weight = at("inner_norm1.weight"),
            .norm1_bias = at("inner_norm1.bias"),
            .in_proj = at("inner_attn.in_proj.weight"),
            .conv = at("inner_attn.conv2d.weight"),
            .conv_bias = at("inner_attn.conv2d.bias"),
            .x_proj = at("inner_attn.x_proj_weight"),
            .dt_weight = at("inner_attn.dt_projs_weight"),
            .dt_bias = at("inner_attn.dt_projs_bias"),
            .A = pointer(rates),
            .D = at("inner_attn.Ds"),
            .norm_weight = at("inner_attn.out_norm.weight"),
            .norm_bias = at("inner_attn.out_norm.bias"),
            .out_proj = at("inner_attn.out_proj.weight"),
            .norm2_weight = at("inner_norm2.weight"),
            .norm2_bias = at("inner_norm2.bias")};
}

}  // namespace

bool infers_by_kernel(const Pass& pass, const at::Tensor& x) {
    return !at::GradMode::is_enabled() && !pass.training && !pass.reference_scan && !pass.plain &&
           x.scalar_type() == at::kFloat && x.device().is_cpu();
}

MixedWords mix_words_by_kernel(const Pass& pass, const at::Tensor& given) {
    const auto words = given.contiguous(), rates = -at::exp(pass["inner_attn.A_logs"]);
    const auto mixer = mixer_of(pass, words, rates);
    const MixedWords out = {at::empty_like(words), at::empty_like(words)};
    const auto mixed = pass.observed() ? at::empty_like(words) : at::Tensor();
    const kernels::WordMixing work = {.words = pointer(words),
                                      .mixed = mixed.defined() ? pointer(mixed) : nullptr,
                                      .sums = pointer(out.words),
                                      .normed = pointer(out.normed)};
    at::parallel_for(0, words.size(0), kSentences, [&](std::int64_t begin, std::int64_t end) {
        kernels::mix_words(mixer, work, begin, end);
    });
    if (mixed.defined()) pass.show("inner_attn", mixed);
    return out;
}

at::Tensor project_words_by_kernel(const Pass& pass, const at::Tensor& words) {
    const auto& weight = pass["proj.weight"];
    const kernels::WordProjection projection = {.words = weight.size(1),
                                                .width = weight.size(0),
                                                .norm1_weight = values_of(pass, "proj_norm1.weight"),
                                                .norm1_bias = values_of(pass, "proj_norm1.bias"),
                                                .weight = pointer(weight),
                                                .norm2_weight = values_of(pass, "proj_norm2.weight"),
                                                .norm2_bias = values_of(pass, "proj_norm2.bias")};
    const at::Tensor out = at::empty({words.size(0), weight.size(0)}, words.options());
    const kernels::WordSentences work = {pointer(words), pointer(out)};
    at::parallel_for(0, words.size(0), kSentences, [&](std::int64_t begin, std::int64_t end) {
        kernels::project_words(projection, work, begin, end);
    });
    return out;
}

at::Tensor merge_words_by_kernel(const Pass& pass, const at::Tensor& given, std::int64_t side) {
    const auto words = given.contiguous();
    const auto& weight = pass["conv.0.weight"];
    const std::int64_t merged = words.size(0) / 4, count = words.size(1);
    const kernels::WordMerger merger = {.side = side_of(count),
                                        .width = words.size(2),
                                        .outputs = weight.size(0),
                                        .norm_weight = values_of(pass, "norm.weight"),
                                        .norm_bias = values_of(pass, "norm.bias"),
                                        .weight = pointer(weight),
                                        .bias = values_of(pass, "conv.0.bias")};
    const at::Tensor out = at::empty({merged, count, weight.size(0)}, words.options());
    const kernels::WordMerging work = {.grid = side, .words = pointer(words), .out = pointer(out)};
    at::parallel_for(0, merged, kSentences, [&](std::int64_t begin, std::int64_t end) {
        kernels::merge_words(merger, work, begin, end);
    });
    return out;
}

}  // namespace spectile::networks::mim
