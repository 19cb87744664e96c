// Products of small matrices with places (tokens, pixels) in the lanes, weights as they lie in a tensor, each
// broadcast. Each output is one chain of multiply-adds over the inputs in their order, so a place's result
// depends on no other's. Per-target header: included once per Highway target.
#if defined(SPECTILE_KERNELS_LANE_PRODUCT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SPECTILE_KERNELS_LANE_PRODUCT_INL_H_
#undef SPECTILE_KERNELS_LANE_PRODUCT_INL_H_
#else
#define SPECTILE_KERNELS_LANE_PRODUCT_INL_H_
#endif

#include <algorithm>
#include <cstddef>

#include "hwy/highway.h"
#include "kernels/lane_norm-inl.h"
#include "kernels/transpose-inl.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// y = bias + W x; W is [outputs, inputs], `bias` null where there is none.
struct LaneMatrix {
    const float *weights = nullptr, *bias = nullptr;
    std::size_t inputs = 0, outputs = 0;
};

/// Vectors of places: feature f of vector v begins at first + v * vector_stride + f * feature_stride.
struct LaneRows {
    float* first = nullptr;
    std::size_t vector_stride = 0, feature_stride = 0;

    LaneRows at(std::size_t vector, std::size_t feature) const {
        return {first + vector * vector_stride + feature * feature_stride, vector_stride, feature_stride};
    }
};

/// A tile of sums: what the registers hold.
inline constexpr int kTileVectors = 4, kTileOutputs = kPlaces >= 16 ? 6 : 2;

template <int kVectors, int kOutputs>
HWY_INLINE void MultiplyLanes(const LaneMatrix& matrix, const LaneRows& x, const LaneRows& y) {
    const PlaceTag d;
    hn::Vec<PlaceTag> sum[kVectors][kOutputs];
    for (int o = 0; o < kOutputs; ++o)
        for (int v = 0; v < kVectors; ++v) sum[v][o] = matrix.bias ? hn::Set(d, matrix.bias[o]) : hn::Zero(d);
    for (std::size_t k = 0; k < matrix.inputs; ++k) {
        hn::Vec<PlaceTag> value[kVectors];
        const float* from = x.first + k * x.feature_stride;
        for (int v = 0; v < kVectors; ++v)
            value[v] = hn::LoadU(d, from + static_cast<std::size_t>(v) * x.vector_stride);
        for (int o = 0; o < kOutputs; ++o) {
            const auto weight = hn::Set(d, matrix.weights[static_cast<std::size_t>(o) * matrix.inputs + k]);
            for (int v = 0; v < kVectors; ++v) sum[v][o] = hn::MulAdd(weight, value[v], sum[v][o]);
        }
    }
    for (int v = 0; v < kVectors; ++v)
        for (int o = 0; o < kOutputs; ++o)
            hn::StoreU(sum[v][o], d,
                       y.first + static_cast<std::size_t>(v) * y.vector_stride +
                           static_cast<std::size_t>(o) * y.feature_stride);
}

/// All outputs of kVectors vectors.
template <int kVectors>
HWY_INLINE void MultiplyOutputs(LaneMatrix matrix, const LaneRows& x, const LaneRows& y) {
    const std::size_t outputs = matrix.outputs;
    std::size_t o = 0;
    const auto skip = [&](std::size_t count) {
        matrix.weights += count * matrix.inputs;
        if (matrix.bias) matrix.bias += count;
    };
    for (; o + kTileOutputs <= outputs; o += kTileOutputs) {
        MultiplyLanes<kVectors, kTileOutputs>(matrix, x, y.at(0, o));
        skip(kTileOutputs);
    }
    for (; o + 2 <= outputs; o += 2) {
        MultiplyLanes<kVectors, 2>(matrix, x, y.at(0, o));
        skip(2);
    }
    if (o < outputs) MultiplyLanes<kVectors, 1>(matrix, x, y.at(0, o));
}

/// `vectors` vectors of places.
HWY_INLINE void MultiplyAll(const LaneMatrix& matrix, std::size_t vectors, const LaneRows& x,
                            const LaneRows& y) {
    std::size_t v = 0;
    for (; v + kTileVectors <= vectors; v += kTileVectors)
        MultiplyOutputs<kTileVectors>(matrix, x.at(v, 0), y.at(v, 0));
    for (; v < vectors; ++v) MultiplyOutputs<1>(matrix, x.at(v, 0), y.at(v, 0));
}

/// The same where each input lies at an offset of its own from a place, as the taps of a convolution do.
/// weights: [outputs, inputs].
struct OffsetMatrix {
    const float* weights = nullptr;
    const std::size_t* offsets = nullptr;
    std::size_t inputs = 0, outputs = 0;
};

/// kVectors vectors of places, the v-th at x[v]; y: [kOutputs][kTileVectors][kPlaces], aligned.
template <int kVectors, int kOutputs>
HWY_INLINE void MultiplyAt(const OffsetMatrix& matrix, const float* const (&x)[kTileVectors], float* y) {
    const PlaceTag d;
    hn::Vec<PlaceTag> sum[kVectors][kOutputs];
    for (int o = 0; o < kOutputs; ++o)
        for (int v = 0; v < kVectors; ++v) sum[v][o] = hn::Zero(d);
    for (std::size_t k = 0; k < matrix.inputs; ++k) {
        hn::Vec<PlaceTag> value[kVectors];
        for (int v = 0; v < kVectors; ++v) value[v] = hn::LoadU(d, x[v] + matrix.offsets[k]);
        for (int o = 0; o < kOutputs; ++o) {
            const auto weight = hn::Set(d, matrix.weights[static_cast<std::size_t>(o) * matrix.inputs + k]);
            for (int v = 0; v < kVectors; ++v) sum[v][o] = hn::MulAdd(weight, value[v], sum[v][o]);
        }
    }
    for (int o = 0; o < kOutputs; ++o)
        for (int v = 0; v < kVectors; ++v)
            hn::Store(sum[v][o], d, y + static_cast<std::size_t>(o * kTileVectors + v) * kPlaces);
}

/// All of the matrix's outputs, at most kTileOutputs.
template <int kVectors>
HWY_INLINE void MultiplyAtOutputs(OffsetMatrix matrix, const float* const (&x)[kTileVectors], float* y) {
    if (matrix.outputs == kTileOutputs) return MultiplyAt<kVectors, kTileOutputs>(matrix, x, y);
    for (std::size_t count = 2; matrix.outputs > 0; matrix.outputs -= count) {
        count = std::min<std::size_t>(count, matrix.outputs);
        if (count == 2)
            MultiplyAt<kVectors, 2>(matrix, x, y);
        else
            MultiplyAt<kVectors, 1>(matrix, x, y);
        matrix.weights += count * matrix.inputs;
        y += count * kTileVectors * kPlaces;
    }
}

/// `there` rows of `count` floats to [count][kPlaces]; lanes without a row get zeros.
HWY_INLINE void LoadRows(const float* rows, std::size_t count, std::size_t there, float* to) {
    if (there < kPlaces) std::fill_n(to, count * kPlaces, 0.0F);
    Transpose(rows, count, there, count, to, kPlaces);
}
HWY_INLINE void StoreRows(const float* from, std::size_t count, std::size_t there, float* rows) {
    Transpose(from, kPlaces, count, there, rows, count);
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
