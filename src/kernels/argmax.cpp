#include "kernels/argmax.hpp"

#include <cstddef>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/argmax.cpp"
#include "hwy/foreach_target.h"
// After foreach_target.h, so that it sees each target.
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// One vector of pixels; channels are `stride` apart.
HWY_INLINE void ArgmaxVector(const float* values, std::size_t channels, std::size_t stride,
                             std::int32_t* index) {
    const hn::ScalableTag<float> d;
    const hn::RebindToSigned<decltype(d)> di;
    auto best = hn::Set(d, -std::numeric_limits<float>::infinity());
    auto where = hn::Zero(di);
    for (std::size_t c = 0; c < channels; ++c) {
        const auto value = hn::LoadU(d, values + c * stride);
        const auto larger = hn::Gt(value, best);
        best = hn::IfThenElse(larger, value, best);
        where = hn::IfThenElse(hn::RebindMask(di, larger), hn::Set(di, static_cast<std::int32_t>(c)), where);
    }
    hn::StoreU(where, di, index);
}

void ArgmaxOf(const float* values, std::size_t channels, std::size_t pixels, std::int32_t* index) {
    const hn::ScalableTag<float> d;
    const std::size_t lanes = hn::Lanes(d);
    std::size_t pixel = 0;
    for (; pixel + lanes <= pixels; pixel += lanes)
        ArgmaxVector(values + pixel, channels, pixels, index + pixel);
    for (; pixel < pixels; ++pixel) {
        float best = -std::numeric_limits<float>::infinity();
        index[pixel] = 0;
        for (std::size_t c = 0; c < channels; ++c) {
            if (!(values[c * pixels + pixel] > best)) continue;
            best = values[c * pixels + pixel];
            index[pixel] = static_cast<std::int32_t>(c);
        }
    }
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace spectile::kernels {

HWY_EXPORT(ArgmaxOf);

void argmax_channels(const float* values, std::int64_t channels, std::int64_t pixels, std::int32_t* index) {
    HWY_DYNAMIC_DISPATCH(ArgmaxOf)
    (values, static_cast<std::size_t>(channels), static_cast<std::size_t>(pixels), index);
}

}  // namespace spectile::kernels
#endif  // HWY_ONCE
