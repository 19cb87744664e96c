// A run of at most 16 tokens of one group of 8 channels, for the four-way scan and its gradient.
// Per-target header: included once per Highway target.
#if defined(SPECTILE_KERNELS_FOUR_WAY_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SPECTILE_KERNELS_FOUR_WAY_INL_H_
#undef SPECTILE_KERNELS_FOUR_WAY_INL_H_
#else
#define SPECTILE_KERNELS_FOUR_WAY_INL_H_
#endif

#include <algorithm>
#include <cstddef>

#include "hwy/highway.h"
#include "kernels/exp-inl.h"
#include "kernels/four_way_scan.hpp"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

inline constexpr std::size_t kRunTokens = 16, kWide = kFourWayGroup, kRunFloats = kRunTokens * kWide,
                             kScanStates = FourWayScan::kStates;
using WideTag = hn::CappedTag<float, kWide>;

/// Where the tokens of a run lie: the grid is walked by index, nothing is copied or turned.
struct WalkedRun {
    std::size_t tokens = 0;
    std::size_t position[kRunTokens];
    const float* projected[kRunTokens];  ///< Low-rank step, B, C of the direction.

    WalkedRun(const FourWayScan& scan, std::int64_t sample, std::int64_t direction, std::int64_t first) {
        const std::int64_t length = scan.tokens(), width = scan.projected_width();
        tokens = static_cast<std::size_t>(
            std::min<std::int64_t>(static_cast<std::int64_t>(kRunTokens), length - first));
        for (std::size_t t = 0; t < tokens; ++t) {
            std::int64_t step = first + static_cast<std::int64_t>(t);
            if (direction >= 2) step = length - 1 - step;
            if (direction % 2 == 1) step = step % scan.rows * scan.cols + step / scan.rows;
            position[t] = static_cast<std::size_t>(sample * length + step);
            projected[t] =
                scan.projected +
                (static_cast<std::int64_t>(position[t]) * FourWayScan::kDirections + direction) * width;
        }
    }
};

/// The weights of one direction and group.
struct GroupWeights {
    const float *a, *a2, *a2_largest, *dt_weight, *bias, *skip;

    GroupWeights(const FourWayCoefficients& w, std::int64_t direction, std::int64_t group) {
        const auto at = static_cast<std::size_t>(direction * w.groups + group);
        a = w.a.data() + at * kScanStates * kWide;
        a2 = w.a2.data() + at * kScanStates * kWide;
        a2_largest = w.a2_largest.data() + at * kWide;
        dt_weight = w.dt_weight.data() + at * static_cast<std::size_t>(w.rank) * kWide;
        bias = w.bias.data() + at * kWide;
        skip = w.skip.data() + at * kWide;
    }
};

struct RunRows {
    HWY_ALIGN float u[kRunFloats];
    HWY_ALIGN float raw[kRunFloats];  ///< Step before softplus.
    HWY_ALIGN float delta[kRunFloats];
    HWY_ALIGN float delta_u[kRunFloats];
    HWY_ALIGN float y[kRunFloats];
};

/// Eight channels at `group` of a [tokens, channels] array; zeros beyond the last.
HWY_INLINE void LoadGroup(const float* from, std::size_t there, float* to) {
    const WideTag d;
    if (there == kWide) {
        for (std::size_t lane = 0; lane < kWide; lane += hn::Lanes(d))
            hn::Store(hn::LoadU(d, from + lane), d, to + lane);
        return;
    }
    std::fill_n(to, kWide, 0.0F);
    std::copy_n(from, there, to);
}

/// raw, delta, delta * u and y = D u of a run, four tokens side by side. Rows beyond the run are scratch.
HWY_INLINE void StartRun(const FourWayScan& scan, const WalkedRun& run, const GroupWeights& w,
                         std::int64_t group, RunRows& rows) {
    const WideTag d;
    const auto channels = static_cast<std::size_t>(scan.channels), rank = static_cast<std::size_t>(scan.rank);
    const std::size_t channel = static_cast<std::size_t>(group) * kWide,
                      there = std::min(kWide, channels - channel);
    for (std::size_t t = 0; t < run.tokens; ++t)
        LoadGroup(scan.u + run.position[t] * channels + channel, there, rows.u + t * kWide);
    for (std::size_t t = run.tokens; t % 4 != 0; ++t) std::fill_n(rows.u + t * kWide, kWide, 0.0F);
    for (std::size_t lane = 0; lane < kWide; lane += hn::Lanes(d))
        for (std::size_t t = 0; t < run.tokens; t += 4) {
            const std::size_t at = t * kWide + lane;
            Several<WideTag, 4> raw;
            for (int k = 0; k < 4; ++k) raw[k] = hn::LoadU(d, w.bias + lane);
            for (std::size_t r = 0; r < rank; ++r) {
                const auto weight = hn::LoadU(d, w.dt_weight + r * kWide + lane);
                for (std::size_t k = 0; k < 4; ++k) {
                    const float* low = run.projected[std::min(t + k, run.tokens - 1)];
                    raw[static_cast<int>(k)] =
                        hn::MulAdd(hn::Set(d, low[r]), weight, raw[static_cast<int>(k)]);
                }
            }
            StoreSeveral(d, raw, rows.raw + at, kWide);
            auto delta = Softplus(d, raw);
            StoreSeveral(d, delta, rows.delta + at, kWide);
            const auto u = LoadSeveral<4>(d, rows.u + at, kWide);
            const auto skip = hn::LoadU(d, w.skip + lane);
            for (int k = 0; k < 4; ++k) {
                const std::size_t row = at + static_cast<std::size_t>(k) * kWide;
                hn::StoreU(hn::Mul(delta[k], u[k]), d, rows.delta_u + row);
                hn::StoreU(hn::Mul(skip, u[k]), d, rows.y + row);
            }
        }
}

/// Whether the short exponential serves for every token of the run.
HWY_INLINE bool IsBounded(const WalkedRun& run, const GroupWeights& w, const RunRows& rows) {
    const WideTag d;
    auto most = hn::Zero(d);
    for (std::size_t lane = 0; lane < kWide; lane += hn::Lanes(d)) {
        const auto largest = hn::LoadU(d, w.a2_largest + lane);
        for (std::size_t t = 0; t < run.tokens; ++t)
            most = hn::Max(most, hn::Mul(hn::LoadU(d, rows.delta + t * kWide + lane), largest));
    }
    return hn::AllTrue(d, hn::Le(most, hn::Set(d, kExp2Range)));
}

template <bool kBounded, class D, int K>
HWY_INLINE Several<D, K> Decays(D d, const Several<D, K>& t) {
    if constexpr (kBounded)
        return Exp2InRange(d, t);
    else
        return Exp2(d, t);
}

/// The recurrence over a run: four states at a time stay in registers. y sums over the states in their order.
template <bool kBounded>
HWY_INLINE void ScanRunOfGroup(const FourWayScan& scan, const WalkedRun& run, const GroupWeights& w, float* h,
                               RunRows& rows) {
    const WideTag d;
    const auto rank = static_cast<std::size_t>(scan.rank);
    for (std::size_t lane = 0; lane < kWide; lane += hn::Lanes(d))
        for (std::size_t n = 0; n < kScanStates; n += 4) {
            const auto rate = LoadSeveral<4>(d, w.a2 + n * kWide + lane, kWide);
            auto state = LoadSeveral<4>(d, h + n * kWide + lane, kWide);
            for (std::size_t t = 0; t < run.tokens; ++t) {
                const std::size_t at = t * kWide + lane;
                const float* b = run.projected[t] + rank + n;
                const float* c = b + kScanStates;
                const auto delta = hn::LoadU(d, rows.delta + at), delta_u = hn::LoadU(d, rows.delta_u + at);
                Several<WideTag, 4> decay;
                for (int k = 0; k < 4; ++k) decay[k] = hn::Mul(delta, rate[k]);
                decay = Decays<kBounded>(d, decay);
                auto y = hn::LoadU(d, rows.y + at);
                for (int k = 0; k < 4; ++k) {
                    state[k] = hn::MulAdd(decay[k], state[k], hn::Mul(delta_u, hn::Set(d, b[k])));
                    y = hn::MulAdd(state[k], hn::Set(d, c[k]), y);
                }
                hn::StoreU(y, d, rows.y + at);
            }
            StoreSeveral(d, state, h + n * kWide + lane, kWide);
        }
}

HWY_INLINE void ScanOneRun(const FourWayScan& scan, const WalkedRun& run, const GroupWeights& w, float* h,
                           RunRows& rows) {
    if (HWY_LIKELY(IsBounded(run, w, rows)))
        ScanRunOfGroup<true>(scan, run, w, h, rows);
    else
        ScanRunOfGroup<false>(scan, run, w, h, rows);
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
