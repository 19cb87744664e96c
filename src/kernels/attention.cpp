#include "kernels/attention.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/attention.cpp"
#include "hwy/foreach_target.h"
// After foreach_target.h, so that they see each target.
#include "hwy/highway.h"
#include "kernels/exp-inl.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {

constexpr float kLowest = std::numeric_limits<float>::lowest();
using Tail = std::array<float, HWY_MAX_BYTES / sizeof(float)>;

/// The last columns of a row, filled up with scores that count for nothing.
HWY_INLINE Tail TailOf(const float* row, std::size_t whole, std::size_t count) {
    Tail tail;
    tail.fill(kLowest);
    std::copy(row + whole, row + count, tail.begin());
    return tail;
}

HWY_INLINE float LargestOf(const float* row, std::size_t whole, const Tail& tail) {
    const hn::ScalableTag<float> d;
    auto largest = hn::LoadU(d, tail.data());
    for (std::size_t i = 0; i < whole; i += hn::Lanes(d)) largest = hn::Max(largest, hn::LoadU(d, row + i));
    return hn::GetLane(hn::MaxOfLanes(d, largest));
}

/// Replaces the scores and gives their sum.
HWY_INLINE float ExpRow(float* row, std::size_t whole, std::size_t count, float largest, Tail& tail) {
    const hn::ScalableTag<float> d;
    const auto minus = hn::Set(d, largest);
    auto sum = hn::Zero(d);
    ForVectors(d, whole, [&](auto several, std::size_t i) HWY_ATTR {
        constexpr int K = decltype(several)::value;
        auto x = LoadSeveral<K>(d, row + i, hn::Lanes(d));
        for (int k = 0; k < K; ++k) x[k] = hn::Sub(x[k], minus);
        x = Exp(d, x);
        for (int k = 0; k < K; ++k) sum = hn::Add(sum, x[k]);
        StoreSeveral(d, x, row + i, hn::Lanes(d));
    });
    if (whole < count) {
        const Several<hn::ScalableTag<float>, 1> x{{hn::Sub(hn::LoadU(d, tail.data()), minus)}};
        const auto e = Exp(d, x)[0];
        sum = hn::Add(sum, e);
        hn::StoreU(e, d, tail.data());
        std::copy(tail.begin(), tail.begin() + static_cast<std::ptrdiff_t>(count - whole), row + whole);
    }
    return hn::GetLane(hn::SumOfLanes(d, sum));
}

/// e^x of one number, by the same instructions as of many.
HWY_INLINE float ExpOf(float x) {
    const hn::ScalableTag<float> d;
    return hn::GetLane(Exp(d, Several<hn::ScalableTag<float>, 1>{{hn::Set(d, x)}})[0]);
}

void SoftmaxBlock(const RowBlock& scores, float* largest, float* sum, float* factor) {
    const auto count = static_cast<std::size_t>(scores.columns);
    const std::size_t whole = count - count % hn::Lanes(hn::ScalableTag<float>());
    for (std::int64_t r = 0; r < scores.rows; ++r) {
        float* row = scores.values + r * scores.stride;
        Tail tail = TailOf(row, whole, count);
        const float now = std::max(largest[r], LargestOf(row, whole, tail));
        factor[r] = ExpOf(largest[r] - now);
        sum[r] = sum[r] * factor[r] + ExpRow(row, whole, count, now, tail);
        largest[r] = now;
    }
}

void ScaleRows(const RowBlock& block, const float* factor) {
    const hn::ScalableTag<float> d;
    const auto count = static_cast<std::size_t>(block.columns), lanes = hn::Lanes(d);
    for (std::int64_t r = 0; r < block.rows; ++r) {
        float* row = block.values + r * block.stride;
        std::size_t i = 0;
        for (; i + lanes <= count; i += lanes)
            hn::StoreU(hn::Mul(hn::LoadU(d, row + i), hn::Set(d, factor[r])), d, row + i);
        for (; i < count; ++i) row[i] *= factor[r];
    }
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace spectile::kernels {

HWY_EXPORT(SoftmaxBlock);
HWY_EXPORT(ScaleRows);

void softmax_block(const RowBlock& scores, float* largest, float* sum, float* factor) {
    HWY_DYNAMIC_DISPATCH(SoftmaxBlock)(scores, largest, sum, factor);
}

void scale_rows(const RowBlock& block, const float* factor) {
    HWY_DYNAMIC_DISPATCH(ScaleRows)(block, factor);
}

}  // namespace spectile::kernels
#endif  // HWY_ONCE
