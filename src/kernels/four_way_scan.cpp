#include "kernels/four_way_scan.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/four_way_scan.cpp"
#include "hwy/foreach_target.h"
// After foreach_target.h, so that they see each target.
#include "hwy/highway.h"
#include "kernels/four_way-inl.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {

/// Stores a run's results, or adds them to what an earlier direction left.
HWY_INLINE void PutRun(const FourWayScan& scan, const WalkedRun& run, std::int64_t group, bool first,
                       const RunRows& rows, float* y) {
    const WideTag d;
    const auto channels = static_cast<std::size_t>(scan.channels);
    const std::size_t channel = static_cast<std::size_t>(group) * kWide,
                      there = std::min(kWide, channels - channel);
    for (std::size_t t = 0; t < run.tokens; ++t) {
        float* to = y + run.position[t] * channels + channel;
        const float* from = rows.y + t * kWide;
        if (there == kWide)
            for (std::size_t lane = 0; lane < kWide; lane += hn::Lanes(d)) {
                const auto value = hn::LoadU(d, from + lane);
                hn::StoreU(first ? value : hn::Add(hn::LoadU(d, to + lane), value), d, to + lane);
            }
        else
            for (std::size_t lane = 0; lane < there; ++lane)
                to[lane] = first ? from[lane] : to[lane] + from[lane];
    }
}

constexpr std::size_t kStateFloats = kScanStates * kWide, kPair = 2 * kWide;
using PairTag = hn::CappedTag<float, kPair>;

/// One or two neighbouring groups in a run.
struct Groups {
    const WalkedRun& run;
    std::int64_t direction, first;
    std::size_t count;
    float* h;  ///< States of the first.
    float* y;  ///< Results of all tokens.
};

HWY_INLINE void WalkGroups(const FourWayScan& scan, const FourWayCoefficients& weights,
                           const Groups& groups) {
    RunRows rows;
    for (std::size_t i = 0; i < groups.count; ++i) {
        const std::int64_t group = groups.first + static_cast<std::int64_t>(i);
        const GroupWeights w(weights, groups.direction, group);
        StartRun(scan, groups.run, w, group, rows);
        ScanOneRun(scan, groups.run, w, groups.h + i * kStateFloats, rows);
        PutRun(scan, groups.run, group, groups.direction == 0, rows, groups.y);
    }
}

#if HWY_TARGET != HWY_SCALAR
/// Two whole neighbouring groups side by side in one vector, where vectors are that long.
struct PairWeights {
    GroupWeights first, second;

    hn::Vec<PairTag> at(const float* GroupWeights::*weight, std::size_t from) const {
        return Load(first.*weight + from, second.*weight + from);
    }
    static HWY_INLINE hn::Vec<PairTag> Load(const float* first, const float* second) {
        const hn::Half<PairTag> half;
        return hn::Combine(PairTag(), hn::LoadU(half, second), hn::LoadU(half, first));
    }
};

struct PairRows {
    HWY_ALIGN float raw[kRunTokens * kPair];
    HWY_ALIGN float delta[kRunTokens * kPair];
    HWY_ALIGN float delta_u[kRunTokens * kPair];
    HWY_ALIGN float y[kRunTokens * kPair];
};

/// As StartRun; u lies at the pair's channels of token 0. Returns whether the short exponential serves.
HWY_INLINE bool StartPair(const FourWayScan& scan, const WalkedRun& run, const PairWeights& w, const float* u,
                          PairRows& rows) {
    const PairTag d;
    const auto bias = w.at(&GroupWeights::bias, 0), skip = w.at(&GroupWeights::skip, 0);
    for (std::size_t t = 0; t < run.tokens; ++t) hn::Store(bias, d, rows.raw + t * kPair);
    for (std::size_t r = 0; r < static_cast<std::size_t>(scan.rank); ++r) {
        const auto weight = w.at(&GroupWeights::dt_weight, r * kWide);
        for (std::size_t t = 0; t < run.tokens; ++t) {
            float* raw = rows.raw + t * kPair;
            hn::Store(hn::MulAdd(hn::Set(d, run.projected[t][r]), weight, hn::Load(d, raw)), d, raw);
        }
    }
    auto most = hn::Zero(d);
    for (std::size_t t = 0; t < run.tokens; t += 4) {
        const auto delta = Softplus(d, LoadSeveral<4>(d, rows.raw + t * kPair, kPair));
        StoreSeveral(d, delta, rows.delta + t * kPair, kPair);
        for (std::size_t k = t; k < std::min(t + 4, run.tokens); ++k) {
            const auto value = hn::LoadU(d, u + run.position[k] * static_cast<std::size_t>(scan.channels));
            const auto step = delta[static_cast<int>(k - t)];
            hn::Store(hn::Mul(step, value), d, rows.delta_u + k * kPair);
            hn::Store(hn::Mul(skip, value), d, rows.y + k * kPair);
            most = hn::Max(most, step);
        }
    }
    const auto largest = w.at(&GroupWeights::a2_largest, 0);
    return hn::AllTrue(d, hn::Le(hn::Mul(most, largest), hn::Set(d, kExp2Range)));
}

/// As ScanRunOfGroup.
HWY_INLINE void ScanRunOfPair(const FourWayScan& scan, const WalkedRun& run, const PairWeights& w, float* h,
                              PairRows& rows) {
    const PairTag d;
    const auto rank = static_cast<std::size_t>(scan.rank);
    for (std::size_t n = 0; n < kScanStates; n += 4) {
        Several<PairTag, 4> rate, state;
        for (int k = 0; k < 4; ++k) {
            const std::size_t at = (n + static_cast<std::size_t>(k)) * kWide;
            rate[k] = w.at(&GroupWeights::a2, at);
            state[k] = PairWeights::Load(h + at, h + kStateFloats + at);
        }
        for (std::size_t t = 0; t < run.tokens; ++t) {
            const std::size_t at = t * kPair;
            const float* b = run.projected[t] + rank + n;
            const float* c = b + kScanStates;
            const auto delta = hn::Load(d, rows.delta + at), delta_u = hn::Load(d, rows.delta_u + at);
            Several<PairTag, 4> decay;
            for (int k = 0; k < 4; ++k) decay[k] = hn::Mul(delta, rate[k]);
            decay = Exp2InRange(d, decay);
            auto y = hn::Load(d, rows.y + at);
            for (int k = 0; k < 4; ++k) {
                state[k] = hn::MulAdd(decay[k], state[k], hn::Mul(delta_u, hn::Set(d, b[k])));
                y = hn::MulAdd(state[k], hn::Set(d, c[k]), y);
            }
            hn::Store(y, d, rows.y + at);
        }
        const hn::Half<PairTag> half;
        for (int k = 0; k < 4; ++k) {
            float* to = h + (n + static_cast<std::size_t>(k)) * kWide;
            hn::StoreU(hn::LowerHalf(half, state[k]), half, to);
            hn::StoreU(hn::UpperHalf(half, state[k]), half, to + kStateFloats);
        }
    }
}

/// Whether the pair at `group` was walked so; else its groups are still to be walked one by one.
HWY_INLINE bool WalkPair(const FourWayScan& scan, const FourWayCoefficients& weights, const Groups& groups) {
    const std::int64_t channel = groups.first * kFourWayGroup;
    if (hn::MaxLanes(PairTag()) < kPair || channel + static_cast<std::int64_t>(kPair) > scan.channels)
        return false;
    const PairTag d;
    const PairWeights w{{weights, groups.direction, groups.first},
                        {weights, groups.direction, groups.first + 1}};
    PairRows rows;
    if (!StartPair(scan, groups.run, w, scan.u + channel, rows)) return false;
    ScanRunOfPair(scan, groups.run, w, groups.h, rows);
    for (std::size_t t = 0; t < groups.run.tokens; ++t) {
        float* to = groups.y + groups.run.position[t] * static_cast<std::size_t>(scan.channels) + channel;
        const auto value = hn::Load(d, rows.y + t * kPair);
        hn::StoreU(groups.direction == 0 ? value : hn::Add(hn::LoadU(d, to), value), d, to);
    }
    return true;
}
#endif

// NOLINTNEXTLINE(readability-non-const-parameter): what it is handed to writes it.
void FourWayForward(const FourWayScan& scan, const FourWayCoefficients& weights, float* y,
                    const FourWayTask& task, float* states) {
    constexpr std::int64_t kOrder[] = {0, 2, 1, 3};
    const auto groups = static_cast<std::size_t>(task.group_end - task.group_begin);
    for (std::int64_t sample = task.batch_begin; sample < task.batch_end; ++sample)
        for (const auto direction : kOrder) {
            std::fill_n(states, groups * kStateFloats, 0.0F);
            for (std::int64_t first = 0; first < scan.tokens(); first += kRunTokens) {
                const WalkedRun run(scan, sample, direction, first);
                for (std::int64_t group = task.group_begin; group < task.group_end; group += 2) {
                    float* h = states + static_cast<std::size_t>(group - task.group_begin) * kStateFloats;
                    const Groups pair{run, direction, group, group + 1 < task.group_end ? 2U : 1U, h, y};
#if HWY_TARGET != HWY_SCALAR
                    if (pair.count == 2 && WalkPair(scan, weights, pair)) continue;
#endif
                    WalkGroups(scan, weights, pair);
                }
            }
        }
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace spectile::kernels {

HWY_EXPORT(FourWayForward);

void four_way_scan_forward(const FourWayScan& scan, const FourWayCoefficients& weights, float* y,
                           const FourWayTask& task) {
    std::vector<float> states(
        static_cast<std::size_t>((task.group_end - task.group_begin) * FourWayScan::kStates * kFourWayGroup));
    HWY_DYNAMIC_DISPATCH(FourWayForward)(scan, weights, y, task, states.data());
}

}  // namespace spectile::kernels
#endif  // HWY_ONCE
