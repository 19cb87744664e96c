// GSSM, gated spatial-spectral merging (models/spectralmamba.md 2.1), bands in the lanes.
// Per-target header: included once per Highway target.
#if defined(SPECTILE_KERNELS_GSSM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SPECTILE_KERNELS_GSSM_INL_H_
#undef SPECTILE_KERNELS_GSSM_INL_H_
#else
#define SPECTILE_KERNELS_GSSM_INL_H_
#endif

#include <cstddef>

#include "hwy/highway.h"
#include "kernels/exp-inl.h"
#include "kernels/multiply-inl.h"
#include "kernels/spectral_mamba_packed.hpp"
#include "kernels/spectral_mamba_scratch.hpp"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {

using BandTag = hn::CappedTag<float, 16>;

/// out = bias + sum over taps of weight * pixel, per band. `pixels` are the spectra that the taps' places
/// name.
HWY_INLINE void Depthwise(const PackedSpectralMamba& network, const std::vector<PatchTap>& taps,
                          const float* const* pixels, float* out) {
    const BandTag d;
    const std::size_t width = network.band_width;
    ForVectors(d, width, [&](auto k_tag, std::size_t band) HWY_ATTR {
        constexpr int K = decltype(k_tag)::value;
        auto sum = LoadSeveral<K>(d, network.dw_bias.data() + band, hn::Lanes(d));
        for (const PatchTap& tap : taps) {
            const auto weight =
                LoadSeveral<K>(d, network.dw_weight.data() + tap.weight * width + band, hn::Lanes(d));
            const auto value = LoadSeveral<K>(d, pixels[tap.pixel] + band, hn::Lanes(d));
            for (int k = 0; k < K; ++k) sum[k] = hn::MulAdd(weight[k], value[k], sum[k]);
        }
        StoreSeveral(d, sum, out + band, hn::Lanes(d));
    });
}

HWY_INLINE void Pointwise(const PackedSpectralMamba& network, std::size_t rows, const float* taps,
                          const SpectralMambaScratch& s) {
    float* mask = s.mask;
    if (!network.pw_low.empty())
        return multiply_bfloat16(network.pw_low, {rows, taps, network.band_width, mask, network.band_width,
                                                  network.pw_bias.data(), s.low});
    MultiplyRows<Start::bias>(
        network.pw, {rows, taps, network.band_width, mask, network.band_width, network.pw_bias.data()});
}

/// merged = sum over the patch of sigmoid(mask) * pixel.
HWY_INLINE void GateAndSum(const PackedSpectralMamba& network, const float* mask, const float* const* pixels,
                           float* merged) {
    const BandTag d;
    const std::size_t width = network.band_width;
    const std::size_t positions = network.positions();
    ForVectors(d, width, [&](auto k_tag, std::size_t band) HWY_ATTR {
        constexpr int K = decltype(k_tag)::value;
        Several<BandTag, K> sum;
        for (int k = 0; k < K; ++k) sum[k] = hn::Zero(d);
        for (std::size_t o = 0; o < positions; ++o) {
            const auto gate = Sigmoid(d, LoadSeveral<K>(d, mask + o * width + band, hn::Lanes(d)));
            const auto value = LoadSeveral<K>(d, pixels[o] + band, hn::Lanes(d));
            for (int k = 0; k < K; ++k) sum[k] = hn::MulAdd(gate[k], value[k], sum[k]);
        }
        StoreSeveral(d, sum, merged + band, hn::Lanes(d));
    });
}

/// gated = sigmoid(mask) * core, one pixel.
HWY_INLINE void Gate(const PackedSpectralMamba& network, const float* mask, const float* core, float* gated) {
    const BandTag d;
    for (std::size_t band = 0; band < network.band_width; band += hn::Lanes(d))
        hn::StoreU(hn::Mul(Sigmoid(d, hn::LoadU(d, mask + band)), hn::LoadU(d, core + band)), d,
                   gated + band);
}

/// merged = sum of the pixels, in the patch's order.
HWY_INLINE void BoxSum(const PackedSpectralMamba& network, const float* const* pixels, float* merged) {
    const BandTag d;
    for (std::size_t band = 0; band < network.band_width; band += hn::Lanes(d)) {
        auto sum = hn::LoadU(d, pixels[0] + band);
        for (std::size_t o = 1; o < network.positions(); ++o)
            sum = hn::Add(sum, hn::LoadU(d, pixels[o] + band));
        hn::StoreU(sum, d, merged + band);
    }
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
