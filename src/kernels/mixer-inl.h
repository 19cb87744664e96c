// Tokens to logits for a few pixels (models/spectralmamba.md 2.2 to 2.4): embedding, S6 blocks, head. Rows
// are tokens, pixel after pixel; features and channels lie in the lanes. Per-target header: included once per
// Highway target.
#if defined(SPECTILE_KERNELS_MIXER_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SPECTILE_KERNELS_MIXER_INL_H_
#undef SPECTILE_KERNELS_MIXER_INL_H_
#else
#define SPECTILE_KERNELS_MIXER_INL_H_
#endif

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "hwy/highway.h"
#include "kernels/exp-inl.h"
#include "kernels/multiply-inl.h"
#include "kernels/scan-inl.h"
#include "kernels/spectral_mamba_packed.hpp"
#include "kernels/spectral_mamba_scratch.hpp"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {

/// LayerNorm of one row over `features`, biased variance about the mean (two passes). The padding becomes
/// garbage times zero weights; nothing reads it.
HWY_INLINE void LayerNorm(const float* x, std::size_t features, float eps, const float* weight,
                          const float* bias, float* out) {
    const GroupTag d;
    using V = hn::Vec<GroupTag>;
    const std::size_t lanes = hn::Lanes(d);
    const std::size_t whole = features / lanes * lanes;
    const auto rest = hn::FirstN(d, features - whole);
    V sum = hn::Zero(d);
    for (std::size_t i = 0; i < whole; i += lanes) sum = hn::Add(sum, hn::LoadU(d, x + i));
    if (whole < features) sum = hn::Add(sum, hn::IfThenElseZero(rest, hn::LoadU(d, x + whole)));
    const float scale = 1.0F / static_cast<float>(features);
    const V mean = hn::Mul(hn::SumOfLanes(d, sum), hn::Set(d, scale));
    V squares = hn::Zero(d);
    for (std::size_t i = 0; i < whole; i += lanes) {
        const V centred = hn::Sub(hn::LoadU(d, x + i), mean);
        squares = hn::MulAdd(centred, centred, squares);
    }
    if (whole < features) {
        const V centred = hn::IfThenElseZero(rest, hn::Sub(hn::LoadU(d, x + whole), mean));
        squares = hn::MulAdd(centred, centred, squares);
    }
    const V variance = hn::Mul(hn::SumOfLanes(d, squares), hn::Set(d, scale));
    const V inverse = hn::Div(hn::Set(d, 1.0F), hn::Sqrt(hn::Add(variance, hn::Set(d, eps))));
    for (std::size_t i = 0; i < features; i += lanes) {
        const V centred = hn::Mul(hn::Sub(hn::LoadU(d, x + i), mean), inverse);
        hn::StoreU(hn::MulAdd(centred, hn::LoadU(d, weight + i), hn::LoadU(d, bias + i)), d, out + i);
    }
}

/// Causal depthwise convolution along one pixel's tokens.
HWY_INLINE void ConvolveTokens(const PackedMixer& mixer, std::size_t tokens, std::size_t taps,
                               std::size_t width, const float* x, float* out) {
    const GroupTag d;
    for (std::size_t t = 0; t < tokens; ++t) {
        const std::size_t first = t + 1 < taps ? taps - 1 - t : 0;
        ForVectors(d, width, [&](auto k_tag, std::size_t e) HWY_ATTR {
            constexpr int K = decltype(k_tag)::value;
            auto sum = LoadSeveral<K>(d, mixer.conv_bias.data() + e, hn::Lanes(d));
            for (std::size_t i = first; i < taps; ++i) {
                const auto weight = LoadSeveral<K>(d, mixer.conv_weight.data() + i * width + e, hn::Lanes(d));
                const auto value = LoadSeveral<K>(d, x + (t + i + 1 - taps) * width + e, hn::Lanes(d));
                for (int k = 0; k < K; ++k) sum[k] = hn::MulAdd(weight[k], value[k], sum[k]);
            }
            StoreSeveral(d, Silu(d, sum), out + t * width + e, hn::Lanes(d));
        });
    }
}

/// delta = softplus(low W_dt^T + b_dt); delta * u; y starts as D * u.
HWY_INLINE void StartScan(const PackedSpectralMamba& network, const PackedMixer& mixer, std::size_t rows,
                          const SpectralMambaScratch& s) {
    const GroupTag d;
    const std::size_t lanes = hn::Lanes(d);
    const std::size_t width = network.channel_width;
    const auto rank = static_cast<std::size_t>(network.shape.rank());
    for (std::size_t row = 0; row < rows; ++row) {
        const float* low = s.projected + row * mixer.x_proj.width() + network.low_offset;
        ForVectors(d, width, [&](auto k_tag, std::size_t e) HWY_ATTR {
            constexpr int K = decltype(k_tag)::value;
            auto raw = LoadSeveral<K>(d, mixer.dt_bias.data() + e, lanes);
            for (std::size_t r = 0; r < rank; ++r) {
                const auto weight = LoadSeveral<K>(d, mixer.dt_weight.data() + r * width + e, lanes);
                for (int k = 0; k < K; ++k) raw[k] = hn::MulAdd(hn::Set(d, low[r]), weight[k], raw[k]);
            }
            auto delta = Softplus(d, raw);
            auto u = LoadSeveral<K>(d, s.u + row * width + e, lanes);
            auto skip = LoadSeveral<K>(d, mixer.skip.data() + e, lanes);
            StoreSeveral(d, delta, s.delta + row * width + e, lanes);
            for (int k = 0; k < K; ++k) delta[k] = hn::Mul(delta[k], u[k]);
            for (int k = 0; k < K; ++k) skip[k] = hn::Mul(skip[k], u[k]);
            StoreSeveral(d, delta, s.delta_u + row * width + e, lanes);
            StoreSeveral(d, skip, s.y + row * width + e, lanes);
        });
    }
}

HWY_INLINE void ScanPixel(const PackedSpectralMamba& network, const PackedMixer& mixer, std::size_t first_row,
                          const SpectralMambaScratch& s) {
    const auto states = static_cast<std::size_t>(network.shape.d_state);
    const std::size_t width = network.channel_width;
    const std::size_t bc_stride = mixer.x_proj.width();
    const float* b = s.projected + first_row * bc_stride;
    for (std::size_t e = 0; e < width; e += kGroup) {
        const std::size_t at = first_row * width + e;
        std::fill_n(s.state, states * kGroup, 0.0F);
        Scan({static_cast<std::size_t>(network.shape.tokens()), states, s.delta + at, s.delta_u + at,
              s.y + at, width, b, b + states, bc_stride, mixer.a2.data() + e * states,
              mixer.a2_largest.data() + e, s.state});
    }
}

HWY_INLINE void GateChannels(std::size_t count, const float* z, float* y) {
    const GroupTag d;
    ForVectors(d, count, [&](auto k_tag, std::size_t i) HWY_ATTR {
        constexpr int K = decltype(k_tag)::value;
        auto gate = Silu(d, LoadSeveral<K>(d, z + i, hn::Lanes(d)));
        for (int k = 0; k < K; ++k)
            gate[k] = hn::Mul(hn::LoadU(d, y + i + static_cast<std::size_t>(k) * hn::Lanes(d)), gate[k]);
        StoreSeveral(d, gate, y + i, hn::Lanes(d));
    });
}

/// token += mixer(LayerNorm(token)) for every row.
HWY_INLINE void MixTokens(const PackedSpectralMamba& network, const PackedMixer& mixer, std::size_t pixels,
                          const SpectralMambaScratch& s) {
    const auto tokens = static_cast<std::size_t>(network.shape.tokens());
    const std::size_t rows = pixels * tokens;
    const std::size_t model = network.model_width;
    const std::size_t width = network.channel_width;
    for (std::size_t row = 0; row < rows; ++row)
        LayerNorm(s.token + row * model, static_cast<std::size_t>(network.shape.d_model),
                  network.shape.ln_eps, mixer.norm_weight.data(), mixer.norm_bias.data(),
                  s.norm + row * model);
    MultiplyRows<Start::zero>(mixer.in_x, {rows, s.norm, model, s.x, width, nullptr});
    MultiplyRows<Start::zero>(mixer.in_z, {rows, s.norm, model, s.z, width, nullptr});
    for (std::size_t row = 0; row < rows; row += tokens)
        ConvolveTokens(mixer, tokens, static_cast<std::size_t>(network.shape.d_conv), width,
                       s.x + row * width, s.u + row * width);
    MultiplyRows<Start::zero>(mixer.x_proj, {rows, s.u, width, s.projected, mixer.x_proj.width(), nullptr});
    StartScan(network, mixer, rows, s);
    for (std::size_t row = 0; row < rows; row += tokens) ScanPixel(network, mixer, row, s);
    GateChannels(rows * width, s.z, s.y);
    MultiplyRows<Start::output>(mixer.out_proj, {rows, s.y, width, s.token, model, nullptr});
}

/// Mean over the tokens of their LayerNorm, one pixel.
HWY_INLINE void PoolTokens(const PackedSpectralMamba& network, const float* token, float* norm,
                           float* pooled) {
    const GroupTag d;
    const auto tokens = static_cast<std::size_t>(network.shape.tokens());
    const std::size_t model = network.model_width;
    for (std::size_t t = 0; t < tokens; ++t)
        LayerNorm(token + t * model, static_cast<std::size_t>(network.shape.d_model), network.shape.ln_eps,
                  network.norm_weight.data(), network.norm_bias.data(), norm + t * model);
    const auto scale = hn::Set(d, 1.0F / static_cast<float>(tokens));
    for (std::size_t i = 0; i < model; i += hn::Lanes(d)) {
        auto sum = hn::LoadU(d, norm + i);
        for (std::size_t t = 1; t < tokens; ++t) sum = hn::Add(sum, hn::LoadU(d, norm + t * model + i));
        hn::StoreU(hn::Mul(sum, scale), d, pooled + i);
    }
}

/// merged[pixel] to s.logits[pixel], for at most `group` pixels.
HWY_INLINE void LogitsOfPixels(const PackedSpectralMamba& network, std::size_t pixels, const float* merged,
                               const SpectralMambaScratch& s) {
    const auto tokens = static_cast<std::size_t>(network.shape.tokens());
    const auto piece = static_cast<std::size_t>(network.shape.piece_len);
    const std::size_t model = network.model_width;
    for (std::size_t pixel = 0; pixel < pixels; ++pixel)
        MultiplyRows<Start::bias>(
            network.embed, {tokens, merged + pixel * s.piece_width, piece, s.token + pixel * tokens * model,
                            model, network.embed_bias.data()});
    for (const PackedMixer& mixer : network.mixers) MixTokens(network, mixer, pixels, s);
    for (std::size_t pixel = 0; pixel < pixels; ++pixel)
        PoolTokens(network, s.token + pixel * tokens * model, s.norm, s.pooled + pixel * model);
    MultiplyRows<Start::bias>(
        network.head, {pixels, s.pooled, model, s.logits, network.class_width, network.head_bias.data()});
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
