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

void FourWayForward(const FourWayScan& scan, const FourWayCoefficients& weights, float* y,
                    const FourWayTask& task, float* states) {
    constexpr std::int64_t kOrder[] = {0, 2, 1, 3};
    constexpr std::size_t kStateFloats = kScanStates * kWide;
    const auto groups = static_cast<std::size_t>(task.group_end - task.group_begin);
    RunRows rows;
    for (std::int64_t sample = task.batch_begin; sample < task.batch_end; ++sample)
        for (const auto direction : kOrder) {
            std::fill_n(states, groups * kStateFloats, 0.0F);
            for (std::int64_t first = 0; first < scan.tokens(); first += kRunTokens) {
                const WalkedRun run(scan, sample, direction, first);
                for (std::int64_t group = task.group_begin; group < task.group_end; ++group) {
                    const GroupWeights w(weights, direction, group);
                    StartRun(scan, run, w, group, rows);
                    ScanOneRun(scan, run, w,
                               states + static_cast<std::size_t>(group - task.group_begin) * kStateFloats,
                               rows);
                    PutRun(scan, run, group, direction == 0, rows, y);
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
