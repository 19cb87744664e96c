#include "kernels/four_way_scan.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/four_way_scan_backward.cpp"
#include "hwy/foreach_target.h"
// After foreach_target.h, so that they see each target.
#include "hwy/highway.h"
#include "kernels/four_way-inl.h"
#include "kernels/four_way_memory.hpp"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {

constexpr std::size_t kStateFloats = kScanStates * kWide;

struct BackwardRows : RunRows {
    HWY_ALIGN float grad[kRunFloats];
    HWY_ALIGN float gb[kRunFloats];    ///< sum over states of the state's gradient times B
    HWY_ALIGN float rate[kRunFloats];  ///< sum over states of the decay's gradient times A
    HWY_ALIGN float state[(kRunTokens + 1) * kStateFloats];  ///< [token][state][8], before each token
    HWY_ALIGN float decay[kRunTokens * kStateFloats];
};

/// Runs forward once more, keeping every state and decay of the run.
template <bool kBounded>
HWY_INLINE void Recompute(const FourWayScan& scan, const WalkedRun& run, const GroupWeights& w,
                          const float* start, BackwardRows& rows) {
    const WideTag d;
    const auto rank = static_cast<std::size_t>(scan.rank);
    for (std::size_t lane = 0; lane < kWide; lane += hn::Lanes(d))
        for (std::size_t n = 0; n < kScanStates; n += 4) {
            const auto rate = LoadSeveral<4>(d, w.a2 + n * kWide + lane, kWide);
            auto state = LoadSeveral<4>(d, start + n * kWide + lane, kWide);
            StoreSeveral(d, state, rows.state + n * kWide + lane, kWide);
            for (std::size_t t = 0; t < run.tokens; ++t) {
                const std::size_t at = t * kWide + lane, kept = t * kStateFloats + n * kWide + lane;
                const float* b = run.projected[t] + rank + n;
                const auto delta = hn::LoadU(d, rows.delta + at), delta_u = hn::LoadU(d, rows.delta_u + at);
                Several<WideTag, 4> decay;
                for (int k = 0; k < 4; ++k) decay[k] = hn::Mul(delta, rate[k]);
                decay = Decays<kBounded>(d, decay);
                for (int k = 0; k < 4; ++k)
                    state[k] = hn::MulAdd(decay[k], state[k], hn::Mul(delta_u, hn::Set(d, b[k])));
                StoreSeveral(d, decay, rows.decay + kept, kWide);
                StoreSeveral(d, state, rows.state + kStateFloats + kept, kWide);
            }
        }
}

/// The adjoint recurrence, last token first, two states side by side.
HWY_INLINE void Adjoint(const FourWayScan& scan, const WalkedRun& run, const GroupWeights& w, float* carry,
                        float* d_a, float* d_bc, BackwardRows& rows) {
    const WideTag d;
    const auto rank = static_cast<std::size_t>(scan.rank);
    std::fill_n(rows.gb, run.tokens * kWide, 0.0F);
    std::fill_n(rows.rate, run.tokens * kWide, 0.0F);
    for (std::size_t lane = 0; lane < kWide; lane += hn::Lanes(d))
        for (std::size_t n = 0; n < kScanStates; n += 2) {
            auto back = LoadSeveral<2>(d, carry + n * kWide + lane, kWide);
            auto sum_a = LoadSeveral<2>(d, d_a + n * kWide + lane, kWide);
            const auto a = LoadSeveral<2>(d, w.a + n * kWide + lane, kWide);
            for (std::size_t t = run.tokens; t-- > 0;) {
                const std::size_t at = t * kWide + lane, kept = t * kStateFloats + n * kWide + lane;
                const float* b = run.projected[t] + rank + n;
                const float* c = b + kScanStates;
                float* d_b = d_bc + (t * 2 * kScanStates + n) * kWide + lane;
                float* d_c = d_b + kScanStates * kWide;
                const auto grad = hn::LoadU(d, rows.grad + at), delta = hn::LoadU(d, rows.delta + at),
                           delta_u = hn::LoadU(d, rows.delta_u + at);
                auto gb = hn::LoadU(d, rows.gb + at), rate = hn::LoadU(d, rows.rate + at);
                for (std::size_t k = 0; k < 2; ++k) {
                    auto& g = back[static_cast<int>(k)];
                    const std::size_t step = k * kWide;
                    g = hn::MulAdd(hn::Set(d, c[k]), grad, g);
                    hn::StoreU(hn::MulAdd(g, delta_u, hn::LoadU(d, d_b + step)), d, d_b + step);
                    hn::StoreU(hn::MulAdd(grad, hn::LoadU(d, rows.state + kStateFloats + kept + step),
                                          hn::LoadU(d, d_c + step)),
                               d, d_c + step);
                    gb = hn::MulAdd(g, hn::Set(d, b[k]), gb);
                    g = hn::Mul(g, hn::LoadU(d, rows.decay + kept + step));
                    const auto g_rate = hn::Mul(g, hn::LoadU(d, rows.state + kept + step));
                    sum_a[static_cast<int>(k)] = hn::MulAdd(g_rate, delta, sum_a[static_cast<int>(k)]);
                    rate = hn::MulAdd(g_rate, a[static_cast<int>(k)], rate);
                }
                hn::StoreU(gb, d, rows.gb + at);
                hn::StoreU(rate, d, rows.rate + at);
            }
            StoreSeveral(d, back, carry + n * kWide + lane, kWide);
            StoreSeveral(d, sum_a, d_a + n * kWide + lane, kWide);
        }
}

/// From the adjoint's sums to the gradients of u, the step's projection and its weights.
HWY_INLINE void FinishRun(const FourWayScan& scan, const WalkedRun& run, const GroupWeights& w,
                          const FourWayGroupSums& sums, float* d_low, BackwardRows& rows) {
    const WideTag d;
    const auto rank = static_cast<std::size_t>(scan.rank);
    for (std::size_t lane = 0; lane < kWide; lane += hn::Lanes(d)) {
        auto d_skip = hn::LoadU(d, sums.d_skip + lane), d_bias = hn::LoadU(d, sums.d_bias + lane);
        const auto skip = hn::LoadU(d, w.skip + lane);
        for (std::size_t t = 0; t < run.tokens; ++t) {
            const std::size_t at = t * kWide + lane;
            const auto gb = hn::LoadU(d, rows.gb + at), u = hn::LoadU(d, rows.u + at),
                       grad = hn::LoadU(d, rows.grad + at);
            const auto d_delta = hn::MulAdd(gb, u, hn::LoadU(d, rows.rate + at));
            const auto d_raw = hn::Mul(d_delta, Sigmoid(d, hn::LoadU(d, rows.raw + at)));
            d_skip = hn::MulAdd(grad, u, d_skip);
            d_bias = hn::Add(d_bias, d_raw);
            hn::StoreU(hn::MulAdd(hn::LoadU(d, rows.delta + at), gb, hn::Mul(skip, grad)), d, rows.y + at);
            for (std::size_t r = 0; r < rank; ++r) {
                float* d_weight = sums.d_dt_weight + r * kWide + lane;
                float* low = d_low + (t * rank + r) * kWide + lane;
                hn::StoreU(hn::MulAdd(d_raw, hn::Set(d, run.projected[t][r]), hn::LoadU(d, d_weight)), d,
                           d_weight);
                hn::StoreU(hn::MulAdd(d_raw, hn::LoadU(d, w.dt_weight + r * kWide + lane), hn::LoadU(d, low)),
                           d, low);
            }
        }
        hn::StoreU(d_skip, d, sums.d_skip + lane);
        hn::StoreU(d_bias, d, sums.d_bias + lane);
    }
}

HWY_INLINE float SumOfEight(const float* lanes) {
    const WideTag d;
    auto sum = hn::Zero(d);
    for (std::size_t lane = 0; lane < kWide; lane += hn::Lanes(d))
        sum = hn::Add(sum, hn::LoadU(d, lanes + lane));
    return hn::GetLane(hn::SumOfLanes(d, sum));
}

/// The states at the start of every run, by the forward recurrence.
void StoreStarts(const FourWayScan& scan, const FourWayCoefficients& weights, std::int64_t sample,
                 std::int64_t direction, FourWayBackwardMemory& memory, BackwardRows& rows) {
    float* before = memory.starts.data();
    const std::size_t all = static_cast<std::size_t>(weights.groups) * kStateFloats;
    std::fill_n(before, all, 0.0F);
    for (std::int64_t first = 0; first + static_cast<std::int64_t>(kRunTokens) < scan.tokens();
         first += kRunTokens) {
        float* h = before + all;
        std::copy_n(before, all, h);
        const WalkedRun run(scan, sample, direction, first);
        for (std::int64_t group = 0; group < weights.groups; ++group) {
            const GroupWeights w(weights, direction, group);
            StartRun(scan, run, w, group, rows);
            ScanOneRun(scan, run, w, h + static_cast<std::size_t>(group) * kStateFloats, rows);
        }
        before = h;
    }
}

/// Gradient of a run, all groups; `first_direction`: d_u is written, not added to.
HWY_INLINE void BackwardRun(const FourWayScan& scan, const FourWayCoefficients& weights, const float* grad_y,
                            const FourWayGradients& out, const WalkedRun& run, std::int64_t direction,
                            std::size_t index, FourWayBackwardMemory& memory, BackwardRows& rows) {
    const auto channels = static_cast<std::size_t>(scan.channels), rank = static_cast<std::size_t>(scan.rank);
    std::fill_n(memory.d_bc.data(), run.tokens * 2 * kStateFloats, 0.0F);
    std::fill_n(memory.d_low.data(), run.tokens * rank * kWide, 0.0F);
    for (std::int64_t group = 0; group < weights.groups; ++group) {
        const GroupWeights w(weights, direction, group);
        const std::size_t channel = static_cast<std::size_t>(group) * kWide,
                          there = std::min(kWide, channels - channel);
        StartRun(scan, run, w, group, rows);
        for (std::size_t t = 0; t < run.tokens; ++t)
            LoadGroup(grad_y + run.position[t] * channels + channel, there, rows.grad + t * kWide);
        const float* start = memory.start(index, group);
        if (HWY_LIKELY(IsBounded(run, w, rows)))
            Recompute<true>(scan, run, w, start, rows);
        else
            Recompute<false>(scan, run, w, start, rows);
        const FourWayGroupSums sums = memory.sums(direction, group);
        Adjoint(scan, run, w, memory.carry(group), sums.d_a, memory.d_bc.data(), rows);
        FinishRun(scan, run, w, sums, memory.d_low.data(), rows);
        for (std::size_t t = 0; t < run.tokens; ++t) {
            float* d_u = out.d_u + run.position[t] * channels + channel;
            for (std::size_t lane = 0; lane < there; ++lane)
                d_u[lane] = direction == 0 ? rows.y[t * kWide + lane] : d_u[lane] + rows.y[t * kWide + lane];
        }
    }
    const auto width = static_cast<std::size_t>(scan.projected_width());
    for (std::size_t t = 0; t < run.tokens; ++t) {
        float* to =
            out.d_projected +
            (run.position[t] * FourWayScan::kDirections + static_cast<std::size_t>(direction)) * width;
        for (std::size_t r = 0; r < rank; ++r)
            to[r] = SumOfEight(memory.d_low.data() + (t * rank + r) * kWide);
        for (std::size_t n = 0; n < 2 * kScanStates; ++n)
            to[rank + n] = SumOfEight(memory.d_bc.data() + (t * 2 * kScanStates + n) * kWide);
    }
}

void FourWayBackward(const FourWayScan& scan, const FourWayCoefficients& weights, const float* grad_y,
                     const FourWayGradients& out, std::int64_t begin, std::int64_t end,
                     FourWayBackwardMemory& memory) {
    constexpr std::int64_t kOrder[] = {0, 2, 1, 3};
    const auto step = static_cast<std::int64_t>(kRunTokens);
    const std::int64_t last = (scan.tokens() - 1) / step;
    BackwardRows rows;
    for (std::int64_t sample = begin; sample < end; ++sample)
        for (const auto direction : kOrder) {
            StoreStarts(scan, weights, sample, direction, memory, rows);
            memory.clear_carry();
            for (std::int64_t index = last; index >= 0; --index)
                BackwardRun(scan, weights, grad_y, out, WalkedRun(scan, sample, direction, index * step),
                            direction, static_cast<std::size_t>(index), memory, rows);
        }
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace spectile::kernels {

HWY_EXPORT(FourWayBackward);

void four_way_scan_backward(const FourWayScan& scan, const FourWayCoefficients& weights, const float* grad_y,
                            const FourWayGradients& gradients, std::int64_t batch_begin,
                            std::int64_t batch_end) {
    FourWayBackwardMemory memory(scan, weights.groups);
    HWY_DYNAMIC_DISPATCH(FourWayBackward)
    (scan, weights, grad_y, gradients, batch_begin, batch_end, memory);
    memory.store(scan, gradients);
}

}  // namespace spectile::kernels
#endif  // HWY_ONCE
