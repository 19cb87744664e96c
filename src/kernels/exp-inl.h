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

#include <cstddef>
#include <limits>
#include <type_traits>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

inline constexpr float kLog2E = 1.44269504088896341F;
/// Largest |t| for which Exp2InRange is defined.
inline constexpr float kExp2Range = 126.0F;

/// K vectors that go through a function side by side. One vector alone leaves the multiply units waiting for
/// each other's results: the chain of a polynomial is ten times longer than the work in it.
template <class D, int K>
struct Several {
    hn::Vec<D> v[K];
    HWY_INLINE hn::Vec<D>& operator[](int k) { return v[k]; }
    HWY_INLINE const hn::Vec<D>& operator[](int k) const { return v[k]; }
};

/// p(f) ~ 2^f for |f| <= 0.5.
template <class D, int K>
HWY_INLINE Several<D, K> Exp2Fraction(D d, const Several<D, K>& f) {
    Several<D, K> p;
    const auto c5 = hn::Set(d, 1.326472032815218e-3F);
    const auto c4 = hn::Set(d, 9.671512991189957e-3F);
    const auto c3 = hn::Set(d, 5.550733581185341e-2F);
    const auto c2 = hn::Set(d, 0.24022242426872253F);
    const auto c1 = hn::Set(d, 0.6931470036506653F);
    const auto c0 = hn::Set(d, 1.0F);
    for (int k = 0; k < K; ++k) p[k] = hn::MulAdd(c5, f[k], c4);
    for (int k = 0; k < K; ++k) p[k] = hn::MulAdd(p[k], f[k], c3);
    for (int k = 0; k < K; ++k) p[k] = hn::MulAdd(p[k], f[k], c2);
    for (int k = 0; k < K; ++k) p[k] = hn::MulAdd(p[k], f[k], c1);
    for (int k = 0; k < K; ++k) p[k] = hn::MulAdd(p[k], f[k], c0);
    return p;
}

/// Adding 1.5 * 2^23 rounds to the nearest integer and leaves it in the low bits of the mantissa.
inline constexpr float kRoundingMagic = 12582912.0F;

/// p * 2^n, with n in the low bits of `sum` = n + kRoundingMagic. The result must be a normal number.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V ScaleByExponent(D d, V p, V sum) {
    const hn::RebindToUnsigned<D> du;
    return hn::BitCast(d, hn::Add(hn::BitCast(du, p), hn::ShiftLeft<23>(hn::BitCast(du, sum))));
}

/// 2^t for |t| <= kExp2Range; anything else gives nonsense.
template <class D, int K>
HWY_INLINE Several<D, K> Exp2InRange(D d, const Several<D, K>& t) {
    const auto magic = hn::Set(d, kRoundingMagic);
    Several<D, K> sum;
    Several<D, K> f;
    for (int k = 0; k < K; ++k) sum[k] = hn::Add(t[k], magic);
    for (int k = 0; k < K; ++k) f[k] = hn::Sub(sum[k], magic);
    for (int k = 0; k < K; ++k) f[k] = hn::Sub(t[k], f[k]);
    Several<D, K> p = Exp2Fraction(d, f);
    for (int k = 0; k < K; ++k) p[k] = ScaleByExponent(d, p[k], sum[k]);
    return p;
}

/// 2^t for every t: 0 below -126 (no denormals), infinity from 128, NaN kept. Equals Exp2InRange where that
/// is defined.
template <class D, int K>
HWY_INLINE Several<D, K> Exp2(D d, const Several<D, K>& t) {
    Several<D, K> y = Exp2InRange(d, t);
    const auto infinity = hn::Set(d, std::numeric_limits<float>::infinity());
    for (int k = 0; k < K; ++k) {
        y[k] = hn::IfThenElse(hn::Lt(t[k], hn::Set(d, -kExp2Range)), hn::Zero(d), y[k]);
        y[k] = hn::IfThenElse(hn::Ge(t[k], hn::Set(d, 128.0F)), infinity, y[k]);
        y[k] = hn::IfThenElse(hn::Eq(t[k], t[k]), y[k], t[k]);
    }
    return y;
}

/// e^x for x in [-87.33654, 88.72283]. ln 2 in two parts (the first has 9 bits, so n * kLn2High is exact):
/// exact with and without fused multiply-add.
template <class D, int K>
HWY_INLINE Several<D, K> ExpInRange(D d, const Several<D, K>& x) {
    const auto magic = hn::Set(d, kRoundingMagic);
    const auto log2e = hn::Set(d, kLog2E);
    const auto ln2_high = hn::Set(d, 0.693359375F);
    const auto ln2_low = hn::Set(d, -2.12194440e-4F);
    Several<D, K> sum;
    Several<D, K> f;
    for (int k = 0; k < K; ++k) sum[k] = hn::MulAdd(x[k], log2e, magic);
    for (int k = 0; k < K; ++k) f[k] = hn::NegMulAdd(hn::Sub(sum[k], magic), ln2_high, x[k]);
    for (int k = 0; k < K; ++k) f[k] = hn::NegMulAdd(hn::Sub(sum[k], magic), ln2_low, f[k]);
    for (int k = 0; k < K; ++k) f[k] = hn::Mul(f[k], log2e);
    Several<D, K> p = Exp2Fraction(d, f);
    for (int k = 0; k < K; ++k) p[k] = ScaleByExponent(d, p[k], sum[k]);
    return p;
}

/// e^x for every x: 0 where the result would be denormal, infinity on overflow, NaN kept.
template <class D, int K>
HWY_INLINE Several<D, K> Exp(D d, const Several<D, K>& x) {
    Several<D, K> y = ExpInRange(d, x);
    const auto infinity = hn::Set(d, std::numeric_limits<float>::infinity());
    for (int k = 0; k < K; ++k) {
        y[k] = hn::IfThenElse(hn::Lt(x[k], hn::Set(d, -87.33654F)), hn::Zero(d), y[k]);
        y[k] = hn::IfThenElse(hn::Gt(x[k], hn::Set(d, 88.72283F)), infinity, y[k]);
        y[k] = hn::IfThenElse(hn::Eq(x[k], x[k]), y[k], x[k]);
    }
    return y;
}

/// 1 + e^-x with x bounded to +-87.3: nothing becomes infinite or denormal.
template <class D, int K>
HWY_INLINE Several<D, K> OnePlusExpOfNegative(D d, const Several<D, K>& x) {
    Several<D, K> y;
    for (int k = 0; k < K; ++k) y[k] = hn::Min(hn::Set(d, 87.3F), hn::Max(hn::Set(d, -87.3F), hn::Neg(x[k])));
    y = ExpInRange(d, y);
    for (int k = 0; k < K; ++k) y[k] = hn::Add(hn::Set(d, 1.0F), y[k]);
    return y;
}

/// 1 / (1 + e^-x), never below 1.2e-38.
template <class D, int K>
HWY_INLINE Several<D, K> Sigmoid(D d, const Several<D, K>& x) {
    Several<D, K> y = OnePlusExpOfNegative(d, x);
    for (int k = 0; k < K; ++k) y[k] = hn::Div(hn::Set(d, 1.0F), y[k]);
    return y;
}

/// x * sigmoid(x).
template <class D, int K>
HWY_INLINE Several<D, K> Silu(D d, const Several<D, K>& x) {
    Several<D, K> y = OnePlusExpOfNegative(d, x);
    for (int k = 0; k < K; ++k) y[k] = hn::Div(x[k], y[k]);
    return y;
}

/// log(1 + w) for w in [0, 1], small relative error down to w = 0: 2 atanh(s) with s = w / (2 + w) <= 1/3.
template <class D, int K>
HWY_INLINE Several<D, K> Log1pUnit(D d, const Several<D, K>& w) {
    Several<D, K> s;
    Several<D, K> q;
    Several<D, K> p;
    const auto c4 = hn::Set(d, 0.2801198661327362F);
    const auto c3 = hn::Set(d, 0.28001806139945984F);
    const auto c2 = hn::Set(d, 0.4002152681350708F);
    const auto c1 = hn::Set(d, 0.666664183139801F);
    const auto c0 = hn::Set(d, 2.0F);
    for (int k = 0; k < K; ++k) s[k] = hn::Div(w[k], hn::Add(w[k], c0));
    for (int k = 0; k < K; ++k) q[k] = hn::Mul(s[k], s[k]);
    for (int k = 0; k < K; ++k) p[k] = hn::MulAdd(c4, q[k], c3);
    for (int k = 0; k < K; ++k) p[k] = hn::MulAdd(p[k], q[k], c2);
    for (int k = 0; k < K; ++k) p[k] = hn::MulAdd(p[k], q[k], c1);
    for (int k = 0; k < K; ++k) p[k] = hn::MulAdd(p[k], q[k], c0);
    for (int k = 0; k < K; ++k) p[k] = hn::Mul(s[k], p[k]);
    return p;
}

/// log(1 + e^x) = max(x, 0) + log1p(e^-|x|): accurate for results of 1e-28, and x itself above 17.
template <class D, int K>
HWY_INLINE Several<D, K> Softplus(D d, const Several<D, K>& x) {
    Several<D, K> w;
    for (int k = 0; k < K; ++k) w[k] = hn::Max(hn::Set(d, -87.3F), hn::Neg(hn::Abs(x[k])));
    w = Log1pUnit(d, ExpInRange(d, w));
    for (int k = 0; k < K; ++k) w[k] = hn::Add(hn::Max(hn::Zero(d), x[k]), w[k]);
    return w;
}

/// One vector by itself, where there is nothing beside it.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Sigmoid(D d, V x) {
    return Sigmoid(d, Several<D, 1>{{x}})[0];
}
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Silu(D d, V x) {
    return Silu(d, Several<D, 1>{{x}})[0];
}
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Softplus(D d, V x) {
    return Softplus(d, Several<D, 1>{{x}})[0];
}
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Exp2(D d, V t) {
    return Exp2(d, Several<D, 1>{{t}})[0];
}

/// K vectors from `from` on; the k-th is `step` floats after the one before.
template <int K, class D>
HWY_INLINE Several<D, K> LoadSeveral(D d, const float* from, std::size_t step) {
    Several<D, K> x;
    for (int k = 0; k < K; ++k) x[k] = hn::LoadU(d, from + static_cast<std::size_t>(k) * step);
    return x;
}
template <class D, int K>
HWY_INLINE void StoreSeveral(D d, const Several<D, K>& x, float* to, std::size_t step) {
    for (int k = 0; k < K; ++k) hn::StoreU(x[k], d, to + static_cast<std::size_t>(k) * step);
}

/// Calls body(tag of K, offset) over `count` floats, a multiple of the vector length: four vectors at a time,
/// then one.
template <class D, class Body>
HWY_INLINE void ForVectors(D d, std::size_t count, Body body) {
    const std::size_t lanes = hn::Lanes(d);
    std::size_t i = 0;
    for (; i + 4 * lanes <= count; i += 4 * lanes) body(std::integral_constant<int, 4>(), i);
    for (; i < count; i += lanes) body(std::integral_constant<int, 1>(), i);
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
