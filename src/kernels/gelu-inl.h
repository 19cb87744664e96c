// GELU on Highway vectors, in its exact form: x/2 (1 + erf(x / sqrt 2)).
//
// erf(z) is z P(z^2) / Q(z^2) up to |z| = 4, where it is 1 to float32: a minimax fit in relative
// error, 2.5e-8, whose coefficients are all positive, so that nothing cancels. Bounds:
// tests/unit/kernels/activations_test.cpp. Per-target header: included once per Highway target.
#if defined(SPECTILE_KERNELS_GELU_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SPECTILE_KERNELS_GELU_INL_H_
#undef SPECTILE_KERNELS_GELU_INL_H_
#else
#define SPECTILE_KERNELS_GELU_INL_H_
#endif

#include "hwy/highway.h"
#include "kernels/exp-inl.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// c[0] + c[1] t + ... + c[5] t^5.
template <class D, int K>
HWY_INLINE Several<D, K> Polynomial5(D d, const Several<D, K>& t, const float (&c)[6]) {
    Several<D, K> p;
    for (int k = 0; k < K; ++k) p[k] = hn::Set(d, c[5]);
    for (int i = 4; i >= 0; --i)
        for (int k = 0; k < K; ++k) p[k] = hn::MulAdd(p[k], t[k], hn::Set(d, c[i]));
    return p;
}

template <class D, int K>
HWY_INLINE Several<D, K> Gelu(D d, const Several<D, K>& x) {
    constexpr float kP[6] = {1.12837910652F,   0.193547412753F,    0.0531020276248F,
                             0.0038834377192F, 0.000284566776827F, 1.98674752029e-06F};
    constexpr float kQ[6] = {
        1.0F, 0.504859507084F, 0.115350946784F, 0.0152074377984F, 0.00118559168186F, 3.7419860746e-05F};
    const auto limit = hn::Set(d, 4.0F), one = hn::Set(d, 1.0F);
    Several<D, K> z;
    Several<D, K> t;
    for (int k = 0; k < K; ++k) z[k] = hn::Mul(x[k], hn::Set(d, 0.70710678118654752F));
    for (int k = 0; k < K; ++k) t[k] = hn::Min(hn::Mul(z[k], z[k]), hn::Set(d, 16.0F));
    const auto p = Polynomial5(d, t, kP), q = Polynomial5(d, t, kQ);
    for (int k = 0; k < K; ++k) {
        const auto inner = hn::Div(hn::Mul(z[k], p[k]), q[k]);
        const auto erf = hn::IfThenElse(hn::Lt(hn::Abs(z[k]), limit), inner, hn::CopySign(one, z[k]));
        t[k] = hn::Mul(hn::Mul(x[k], hn::Set(d, 0.5F)), hn::Add(one, erf));
    }
    return t;
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
