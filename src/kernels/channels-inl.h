// Vectors of channels.
// Per-target header: included once per Highway target.
#if defined(SPECTILE_KERNELS_CHANNELS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SPECTILE_KERNELS_CHANNELS_INL_H_
#undef SPECTILE_KERNELS_CHANNELS_INL_H_
#else
#define SPECTILE_KERNELS_CHANNELS_INL_H_
#endif

#include <cstddef>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Calls body(tag, channel) over vectors of channels, then over what is left one by one.
template <class Body>
HWY_INLINE void ForChannels(std::size_t channels, Body body) {
    const hn::CappedTag<float, 16> d;
    const hn::CappedTag<float, 1> one;
    const std::size_t lanes = hn::Lanes(d);
    std::size_t c = 0;
    for (; c + lanes <= channels; c += lanes) body(d, c);
    for (; c < channels; ++c) body(one, c);
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
