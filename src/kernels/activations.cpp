#include "kernels/activations.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/activations.cpp"
#include "hwy/foreach_target.h"
// After foreach_target.h, so that they see each target.
#include "hwy/highway.h"
#include "kernels/exp-inl.h"
#include "kernels/gelu-inl.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {

/// Four vectors side by side; the tail goes through the same code in a padded copy.
template <class Function>
HWY_INLINE void ForEach(const float* in, float* out, std::size_t count, Function function) {
    const hn::ScalableTag<float> d;
    const std::size_t lanes = hn::Lanes(d);
    const std::size_t step = 4 * lanes;
    std::size_t i = 0;
    for (; i + step <= count; i += step)
        StoreSeveral(d, function(d, LoadSeveral<4>(d, in + i, lanes)), out + i, lanes);
    if (i == count) return;
    HWY_ALIGN float tail[4 * hn::MaxLanes(d)] = {};
    for (std::size_t k = i; k < count; ++k) tail[k - i] = in[k];
    StoreSeveral(d, function(d, LoadSeveral<4>(d, tail, lanes)), tail, lanes);
    for (std::size_t k = i; k < count; ++k) out[k] = tail[k - i];
}

void ExpOf(const float* in, float* out, std::size_t count) {
    ForEach(in, out, count, [](auto d, const auto& x) HWY_ATTR { return Exp(d, x); });
}
void Exp2BoundedOf(const float* in, float* out, std::size_t count) {
    ForEach(in, out, count, [](auto d, const auto& x) HWY_ATTR { return Exp2InRange(d, x); });
}
void SigmoidOf(const float* in, float* out, std::size_t count) {
    ForEach(in, out, count, [](auto d, const auto& x) HWY_ATTR { return Sigmoid(d, x); });
}
void SiluOf(const float* in, float* out, std::size_t count) {
    ForEach(in, out, count, [](auto d, const auto& x) HWY_ATTR { return Silu(d, x); });
}
void SoftplusOf(const float* in, float* out, std::size_t count) {
    ForEach(in, out, count, [](auto d, const auto& x) HWY_ATTR { return Softplus(d, x); });
}
void GeluOf(const float* in, float* out, std::size_t count) {
    ForEach(in, out, count, [](auto d, const auto& x) HWY_ATTR { return Gelu(d, x); });
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace spectile::kernels {

HWY_EXPORT(ExpOf);
HWY_EXPORT(Exp2BoundedOf);
HWY_EXPORT(SigmoidOf);
HWY_EXPORT(SiluOf);
HWY_EXPORT(SoftplusOf);
HWY_EXPORT(GeluOf);

void exp(const float* in, float* out, std::size_t count) { HWY_DYNAMIC_DISPATCH(ExpOf)(in, out, count); }
void exp2_bounded(const float* in, float* out, std::size_t count) {
    HWY_DYNAMIC_DISPATCH(Exp2BoundedOf)(in, out, count);
}
void sigmoid(const float* in, float* out, std::size_t count) {
    HWY_DYNAMIC_DISPATCH(SigmoidOf)(in, out, count);
}
void silu(const float* in, float* out, std::size_t count) { HWY_DYNAMIC_DISPATCH(SiluOf)(in, out, count); }
void softplus(const float* in, float* out, std::size_t count) {
    HWY_DYNAMIC_DISPATCH(SoftplusOf)(in, out, count);
}
void gelu(const float* in, float* out, std::size_t count) { HWY_DYNAMIC_DISPATCH(GeluOf)(in, out, count); }

}  // namespace spectile::kernels
#endif  // HWY_ONCE
