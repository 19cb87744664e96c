// Layer normalisation with places (tokens, words, pixels) in the lanes. Per-target header: included once per
// Highway target.
#if defined(SPECTILE_KERNELS_LANE_NORM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SPECTILE_KERNELS_LANE_NORM_INL_H_
#undef SPECTILE_KERNELS_LANE_NORM_INL_H_
#else
#define SPECTILE_KERNELS_LANE_NORM_INL_H_
#endif

#include <cstddef>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using PlaceTag = hn::CappedTag<float, 16>;
inline constexpr std::size_t kPlaces = hn::MaxLanes(PlaceTag());

/// Layer normalisation of vectors: every lane by itself, over `width` of them `stride` floats apart; y may be
/// x.
struct LaneNorm {
    const float *weight = nullptr, *bias = nullptr;
    std::size_t width = 0, stride = kPlaces;
    float epsilon = 1e-5F;
};

HWY_INLINE void NormaliseLanes(const LaneNorm& norm, const float* x, float* y) {
    const PlaceTag d;
    const auto at = [&](std::size_t i) HWY_ATTR { return hn::LoadU(d, x + i * norm.stride); };
    const auto share = hn::Set(d, 1.0F / static_cast<float>(norm.width));
    auto sum = hn::Zero(d), squares = hn::Zero(d);
    for (std::size_t i = 0; i < norm.width; ++i) sum = hn::Add(sum, at(i));
    const auto mean = hn::Mul(sum, share);
    for (std::size_t i = 0; i < norm.width; ++i) {
        const auto off = hn::Sub(at(i), mean);
        squares = hn::MulAdd(off, off, squares);
    }
    const auto variance = hn::MulAdd(squares, share, hn::Set(d, norm.epsilon));
    const auto scale = hn::Div(hn::Set(d, 1.0F), hn::Sqrt(variance));
    for (std::size_t i = 0; i < norm.width; ++i) {
        const auto normed = hn::Mul(hn::Sub(at(i), mean), scale);
        hn::StoreU(hn::MulAdd(normed, hn::Set(d, norm.weight[i]), hn::Set(d, norm.bias[i])), d,
                   y + i * norm.stride);
    }
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
