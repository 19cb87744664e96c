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

/// States [first, first + kStates) of the channels in one vector. A token whose every delta * a2 is in range
/// (nearly all) takes the short exponential; the long one gives the same value there.
template <int kStates, class D>
HWY_INLINE void ScanStates(D d, const ScanRun& run, std::size_t lane, std::size_t first) {
    using V = hn::Vec<D>;
    V h[kStates];
    float* state = run.h + first * kGroup + lane;
    const float* a2 = run.a2 + first * kGroup + lane;
    for (int n = 0; n < kStates; ++n) h[n] = hn::LoadU(d, state + n * kGroup);
    const V largest = hn::LoadU(d, run.a2_largest + lane);
    const V range = hn::Set(d, kExp2Range);
    const float* b = run.b + first;
    const float* c = run.c + first;
    for (std::size_t t = 0; t < run.tokens; ++t) {
        const std::size_t at = t * run.stride + lane;
        const V delta = hn::LoadU(d, run.delta + at);
        const V delta_u = hn::LoadU(d, run.delta_u + at);
        V y = hn::LoadU(d, run.y + at);
        if (HWY_LIKELY(hn::AllTrue(d, hn::Le(hn::Mul(hn::Abs(delta), largest), range)))) {
            for (int n = 0; n < kStates; ++n) {
                const V a = Exp2InRange(d, hn::Mul(delta, hn::LoadU(d, a2 + n * kGroup)));
                h[n] = hn::MulAdd(a, h[n], hn::Mul(delta_u, hn::Set(d, b[n])));
                y = hn::MulAdd(h[n], hn::Set(d, c[n]), y);
            }
        } else {
            for (int n = 0; n < kStates; ++n) {
                const V a = Exp2(d, hn::Mul(delta, hn::LoadU(d, a2 + n * kGroup)));
                h[n] = hn::MulAdd(a, h[n], hn::Mul(delta_u, hn::Set(d, b[n])));
                y = hn::MulAdd(h[n], hn::Set(d, c[n]), y);
            }
        }
        hn::StoreU(y, d, run.y + at);
        b += run.bc_stride;
        c += run.bc_stride;
    }
    for (int n = 0; n < kStates; ++n) hn::StoreU(h[n], d, state + n * kGroup);
}

/// All states and all 16 channels of a run. y sums over the states in their order.
HWY_INLINE void Scan(const ScanRun& run) {
    const GroupTag d;
    for (std::size_t lane = 0; lane < kGroup; lane += hn::Lanes(d)) {
        std::size_t n = 0;
        for (; n + 8 <= run.states; n += 8) ScanStates<8>(d, run, lane, n);
        for (; n + 4 <= run.states; n += 4) ScanStates<4>(d, run, lane, n);
        for (; n < run.states; ++n) ScanStates<1>(d, run, lane, n);
    }
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
