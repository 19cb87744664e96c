// Exponential, sigmoid, SiLU and softplus on Highway vectors: the one set that every kernel uses.
//
// 2^t is (polynomial of degree 5 in the fraction, constant term 1) x (exponent bits); the polynomial is the
// minimax fit in relative error on [-0.5, 0.5], 9.2e-8. Bounds measured over the whole float range, in units
// in the last place of the double result: see tests/unit/kernels/activations_test.cpp, which asserts them.
// Per-target header: included once per Highway target.
#if defined(SPECTILE_KERNELS_EXP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SPECTILE_KERNELS_EXP_INL_H_
#undef SPECTILE_KERNELS_EXP_INL_H_
#else
#define SPECTILE_KERNELS_EXP_INL_H_
#endif

#include <limits>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

inline constexpr float kLog2E = 1.44269504088896341F;
/// Largest |t| for which Exp2InRange is defined.
inline constexpr float kExp2Range = 126.0F;

/// p(f) ~ 2^f for |f| <= 0.5.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Exp2Fraction(D d, V f) {
    V p = hn::MulAdd(hn::Set(d, 1.326472032815218e-3F), f, hn::Set(d, 9.671512991189957e-3F));
    p = hn::MulAdd(p, f, hn::Set(d, 5.550733581185341e-2F));
    p = hn::MulAdd(p, f, hn::Set(d, 0.24022242426872253F));
    p = hn::MulAdd(p, f, hn::Set(d, 0.6931470036506653F));
    return hn::MulAdd(p, f, hn::Set(d, 1.0F));
}

/// Adding 1.5 * 2^23 rounds to the nearest integer and leaves it in the low bits of the mantissa.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V RoundingMagic(D d) {
    return hn::Set(d, 12582912.0F);
}

/// p * 2^n, with n in the low bits of `magic_sum` = n + RoundingMagic. The result must be a normal number.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V ScaleByExponent(D d, V p, V magic_sum) {
    const hn::RebindToUnsigned<D> du;
    return hn::BitCast(d, hn::Add(hn::BitCast(du, p), hn::ShiftLeft<23>(hn::BitCast(du, magic_sum))));
}

/// 2^t for |t| <= kExp2Range; anything else gives nonsense.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Exp2InRange(D d, V t) {
    const V magic = RoundingMagic(d);
    const V sum = hn::Add(t, magic);
    const V f = hn::Sub(t, hn::Sub(sum, magic));
    return ScaleByExponent(d, Exp2Fraction(d, f), sum);
}

/// 2^t for every t: 0 below -126 (no denormals), infinity from 128, NaN kept. Equals Exp2InRange where that
/// is defined.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Exp2(D d, V t) {
    V y = Exp2InRange(d, t);
    y = hn::IfThenElse(hn::Lt(t, hn::Set(d, -kExp2Range)), hn::Zero(d), y);
    y = hn::IfThenElse(hn::Ge(t, hn::Set(d, 128.0F)), hn::Set(d, std::numeric_limits<float>::infinity()), y);
    return hn::IfThenElse(hn::Eq(t, t), y, t);
}

/// e^x for x in [-87.33654, 88.72283]. ln 2 in two parts (the first has 9 bits, so n * kLn2High is exact):
/// exact with and without fused multiply-add.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V ExpInRange(D d, V x) {
    const V magic = RoundingMagic(d);
    const V sum = hn::MulAdd(x, hn::Set(d, kLog2E), magic);
    const V n = hn::Sub(sum, magic);
    V r = hn::NegMulAdd(n, hn::Set(d, 0.693359375F), x);
    r = hn::NegMulAdd(n, hn::Set(d, -2.12194440e-4F), r);
    return ScaleByExponent(d, Exp2Fraction(d, hn::Mul(r, hn::Set(d, kLog2E))), sum);
}

/// e^x for every x: 0 where the result would be denormal, infinity on overflow, NaN kept.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Exp(D d, V x) {
    V y = ExpInRange(d, x);
    y = hn::IfThenElse(hn::Lt(x, hn::Set(d, -87.33654F)), hn::Zero(d), y);
    y = hn::IfThenElse(hn::Gt(x, hn::Set(d, 88.72283F)), hn::Set(d, std::numeric_limits<float>::infinity()),
                       y);
    return hn::IfThenElse(hn::Eq(x, x), y, x);
}

/// 1 / (1 + e^-x); arguments beyond +-87.3 count as +-87.3, so nothing falls below 1.2e-38 or becomes
/// denormal.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Sigmoid(D d, V x) {
    const V bounded = hn::Min(hn::Set(d, 87.3F), hn::Max(hn::Set(d, -87.3F), hn::Neg(x)));
    const V one = hn::Set(d, 1.0F);
    return hn::Div(one, hn::Add(one, ExpInRange(d, bounded)));
}

/// x * sigmoid(x).
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Silu(D d, V x) {
    const V bounded = hn::Min(hn::Set(d, 87.3F), hn::Max(hn::Set(d, -87.3F), hn::Neg(x)));
    return hn::Div(x, hn::Add(hn::Set(d, 1.0F), ExpInRange(d, bounded)));
}

/// log(1 + w) for w in [0, 1], small relative error down to w = 0: 2 atanh(s) with s = w / (2 + w) <= 1/3.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Log1pUnit(D d, V w) {
    const V s = hn::Div(w, hn::Add(w, hn::Set(d, 2.0F)));
    const V q = hn::Mul(s, s);
    V p = hn::MulAdd(hn::Set(d, 0.2801198661327362F), q, hn::Set(d, 0.28001806139945984F));
    p = hn::MulAdd(p, q, hn::Set(d, 0.4002152681350708F));
    p = hn::MulAdd(p, q, hn::Set(d, 0.666664183139801F));
    p = hn::MulAdd(p, q, hn::Set(d, 2.0F));
    return hn::Mul(s, p);
}

/// log(1 + e^x) = max(x, 0) + log1p(e^-|x|): accurate for results of 1e-28, and x itself above 17.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Softplus(D d, V x) {
    const V w = ExpInRange(d, hn::Max(hn::Set(d, -87.3F), hn::Neg(hn::Abs(x))));
    return hn::Add(hn::Max(hn::Zero(d), x), Log1pUnit(d, w));
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
