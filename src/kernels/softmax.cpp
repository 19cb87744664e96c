#include "kernels/softmax.hpp"

#include <cstddef>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/softmax.cpp"
#include "hwy/foreach_target.h"
// After foreach_target.h, so that they see each target.
#include "hwy/highway.h"
#include "kernels/exp-inl.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {

/// One vector of pixels; channels are `stride` apart.
HWY_INLINE void SoftmaxVector(const float* logits, std::size_t channels, std::size_t stride, float* out) {
    const hn::ScalableTag<float> d;
    auto largest = hn::LoadU(d, logits);
    for (std::size_t c = 1; c < channels; ++c) largest = hn::Max(largest, hn::LoadU(d, logits + c * stride));
    auto sum = hn::Zero(d);
    for (std::size_t c = 0; c < channels; ++c) {
        const Several<hn::ScalableTag<float>, 1> x{{hn::Sub(hn::LoadU(d, logits + c * stride), largest)}};
        const auto e = Exp(d, x)[0];
        sum = hn::Add(sum, e);
        hn::StoreU(e, d, out + c * stride);
    }
    const auto scale = hn::Div(hn::Set(d, 1.0F), sum);
    for (std::size_t c = 0; c < channels; ++c)
        hn::StoreU(hn::Mul(hn::LoadU(d, out + c * stride), scale), d, out + c * stride);
}

void SoftmaxOf(const float* logits, std::size_t channels, std::size_t pixels, float* out) {
    const hn::ScalableTag<float> d;
    const std::size_t lanes = hn::Lanes(d);
    std::size_t pixel = 0;
    for (; pixel + lanes <= pixels; pixel += lanes)
        SoftmaxVector(logits + pixel, channels, pixels, out + pixel);
    if (pixel == pixels) return;
    // The last pixels in a padded copy, through the same instructions.
    const std::size_t rest = pixels - pixel;
    std::vector<float> padded(channels * lanes, 0.0F);
    for (std::size_t c = 0; c < channels; ++c)
        for (std::size_t i = 0; i < rest; ++i) padded[c * lanes + i] = logits[c * pixels + pixel + i];
    SoftmaxVector(padded.data(), channels, lanes, padded.data());
    for (std::size_t c = 0; c < channels; ++c)
        for (std::size_t i = 0; i < rest; ++i) out[c * pixels + pixel + i] = padded[c * lanes + i];
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace spectile::kernels {

HWY_EXPORT(SoftmaxOf);

void softmax_channels(const float* logits, std::int64_t channels, std::int64_t pixels, float* probabilities) {
    HWY_DYNAMIC_DISPATCH(SoftmaxOf)
    (logits, static_cast<std::size_t>(channels), static_cast<std::size_t>(pixels), probabilities);
}

}  // namespace spectile::kernels
#endif  // HWY_ONCE
