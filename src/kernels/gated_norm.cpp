#include "kernels/gated_norm.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gated_norm.cpp"
#include "hwy/foreach_target.h"
// After foreach_target.h, so that they see each target.
#include "hwy/highway.h"
#include "kernels/channels-inl.h"
#include "kernels/exp-inl.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {

/// Sum over the channels of what `term` gives for each vector of them.
template <class Term>
HWY_INLINE float SumOfChannels(std::size_t channels, Term term) {
    float sum = 0.0F;
    ForChannels(channels,
                [&](auto d, std::size_t c) HWY_ATTR { sum += hn::GetLane(hn::SumOfLanes(d, term(d, c))); });
    return sum;
}

HWY_INLINE void GateToken(const GatedNorm& gated, const float* z, float* y) {
    const auto channels = static_cast<std::size_t>(gated.channels);
    const float share = 1.0F / static_cast<float>(channels);
    const float mean =
        share * SumOfChannels(channels, [&](auto d, std::size_t c) HWY_ATTR { return hn::LoadU(d, y + c); });
    const float squares = SumOfChannels(channels, [&](auto d, std::size_t c) HWY_ATTR {
        const auto off = hn::Sub(hn::LoadU(d, y + c), hn::Set(d, mean));
        return hn::Mul(off, off);
    });
    const hn::CappedTag<float, 1> one;
    const float scale = 1.0F / hn::GetLane(hn::Sqrt(hn::Set(one, squares * share + 1e-5F)));
    ForChannels(channels, [&](auto d, std::size_t c) HWY_ATTR {
        const auto normed = hn::Mul(hn::Sub(hn::LoadU(d, y + c), hn::Set(d, mean)), hn::Set(d, scale));
        const auto mapped = hn::MulAdd(normed, hn::LoadU(d, gated.weight + c), hn::LoadU(d, gated.bias + c));
        hn::StoreU(hn::Mul(mapped, Silu(d, hn::LoadU(d, z + c))), d, y + c);
    });
}

void GateTokens(const GatedNorm& gated, std::int64_t begin, std::int64_t end) {
    for (std::int64_t token = begin; token < end; ++token)
        GateToken(gated, gated.z + token * gated.z_stride, gated.y + token * gated.channels);
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace spectile::kernels {

HWY_EXPORT(GateTokens);

void gate_and_norm(const GatedNorm& gated, std::int64_t begin, std::int64_t end) {
    HWY_DYNAMIC_DISPATCH(GateTokens)(gated, begin, end);
}

}  // namespace spectile::kernels
#endif  // HWY_ONCE
