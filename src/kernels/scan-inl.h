// The recurrence of the selective scan with 16 channels in the lanes: states stay in registers over a run of
// tokens, B and C are broadcast, no horizontal sum is needed. Per-target header: included once per Highway
// target.
#if defined(SPECTILE_KERNELS_SCAN_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SPECTILE_KERNELS_SCAN_INL_H_
#undef SPECTILE_KERNELS_SCAN_INL_H_
#else
#define SPECTILE_KERNELS_SCAN_INL_H_
#endif

#include <cstddef>

#include "hwy/highway.h"
#include "kernels/exp-inl.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Channels handled together, whatever the vector length: layouts do not depend on the target.
inline constexpr std::size_t kGroup = 16;
using GroupTag = hn::CappedTag<float, kGroup>;

/// A run of tokens of one group of channels. Pointers to [token] rows are strided; [16] is contiguous.
struct ScanRun {
    std::size_t tokens = 0;
    std::size_t states = 0;
    const float* delta = nullptr;       ///< [token][16], after softplus
    const float* delta_u = nullptr;     ///< [token][16], delta * u
    float* y = nullptr;                 ///< [token][16]; holds D * u or 0 at first, is added to
    std::size_t stride = 0;             ///< Of delta, delta_u and y.
    const float* b = nullptr;           ///< [token][states], broadcast
    const float* c = nullptr;           ///< [token][states], broadcast
    std::size_t bc_stride = 0;          ///< Of b and c.
    const float* a2 = nullptr;          ///< [states][16]: A * log2(e)
    const float* a2_largest = nullptr;  ///< [16]: largest |a2| over the states
    float* h = nullptr;                 ///< [states][16], read and left as the state after the last token
};

/// One token, K states of the channels in one vector.
template <bool kBounded, int K, class D, class V = hn::Vec<D>>
HWY_INLINE V ScanStates(D d, V delta, V delta_u, const float* a2, const float* b, const float* c, float* h,
                        V y) {
    Several<D, K> a;
    for (int k = 0; k < K; ++k) a[k] = hn::Mul(delta, hn::LoadU(d, a2 + k * kGroup));
    if constexpr (kBounded)
        a = Exp2InRange(d, a);
    else
        a = Exp2(d, a);
    for (int k = 0; k < K; ++k) {
        const V input = hn::Mul(delta_u, hn::Set(d, b[k]));
        a[k] = hn::MulAdd(a[k], hn::LoadU(d, h + k * kGroup), input);
        hn::StoreU(a[k], d, h + k * kGroup);
        y = hn::MulAdd(a[k], hn::Set(d, c[k]), y);
    }
    return y;
}

/// One token, every state. `kBounded`: every delta * a2 is known to be in range, so the short exponential
/// does; the long one gives the same value there.
template <bool kBounded, class D, class V = hn::Vec<D>>
HWY_INLINE V ScanToken(D d, std::size_t states, V delta, V delta_u, const float* a2, const float* b,
                       const float* c, float* h, V y) {
    std::size_t n = 0;
    for (; n + 4 <= states; n += 4)
        y = ScanStates<kBounded, 4>(d, delta, delta_u, a2 + n * kGroup, b + n, c + n, h + n * kGroup, y);
    for (; n < states; ++n)
        y = ScanStates<kBounded, 1>(d, delta, delta_u, a2 + n * kGroup, b + n, c + n, h + n * kGroup, y);
    return y;
}

/// All states and all 16 channels of a run. y sums over the states in their order.
HWY_INLINE void Scan(const ScanRun& run) {
    const GroupTag d;
    for (std::size_t lane = 0; lane < kGroup; lane += hn::Lanes(d)) {
        const auto largest = hn::LoadU(d, run.a2_largest + lane);
        const float* a2 = run.a2 + lane;
        float* h = run.h + lane;
        for (std::size_t t = 0; t < run.tokens; ++t) {
            const float* b = run.b + t * run.bc_stride;
            const float* c = run.c + t * run.bc_stride;
            const std::size_t at = t * run.stride + lane;
            const auto delta = hn::LoadU(d, run.delta + at);
            const auto delta_u = hn::LoadU(d, run.delta_u + at);
            auto y = hn::LoadU(d, run.y + at);
            const bool bounded =
                hn::AllTrue(d, hn::Le(hn::Mul(hn::Abs(delta), largest), hn::Set(d, kExp2Range)));
            // Nearly every token is bounded.
            y = HWY_LIKELY(bounded) ? ScanToken<true>(d, run.states, delta, delta_u, a2, b, c, h, y)
                                    : ScanToken<false>(d, run.states, delta, delta_u, a2, b, c, h, y);
            hn::StoreU(y, d, run.y + at);
        }
    }
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
