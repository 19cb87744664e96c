#include "kernels/depthwise.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/depthwise.cpp"
#include "hwy/foreach_target.h"
// After foreach_target.h, so that they see each target.
#include "hwy/highway.h"
#include "kernels/channels-inl.h"
#include "kernels/exp-inl.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// The taps of one axis that stay inside: [first, last).
struct Taps {
    std::int64_t first, last;
    Taps(std::int64_t at, std::int64_t size) : first(at == 0 ? 1 : 0), last(at + 1 == size ? 2 : 3) {}
};

/// Row `row` of the result; with `flipped`, the taps turned about their centre (for the gradient).
void ConvolveRow(const Depthwise& conv, const float* x, std::int64_t row, bool flipped, float* out) {
    const auto channels = static_cast<std::size_t>(conv.channels);
    const std::int64_t image = row / conv.rows * conv.rows;
    const std::int64_t stride = conv.x_stride ? conv.x_stride : conv.channels;
    const Taps vertical(row - image, conv.rows);
    for (std::int64_t col = 0; col < conv.cols; ++col) {
        const Taps across(col, conv.cols);
        float* to = out + (row * conv.cols + col) * conv.channels;
        ForChannels(channels, [&](auto d, std::size_t c) HWY_ATTR {
            auto sum = conv.bias != nullptr && !flipped ? hn::LoadU(d, conv.bias + c) : hn::Zero(d);
            for (std::int64_t i = vertical.first; i < vertical.last; ++i)
                for (std::int64_t j = across.first; j < across.last; ++j) {
                    const std::int64_t tap = flipped ? 8 - (3 * i + j) : 3 * i + j;
                    const float* from = x + ((row + i - 1) * conv.cols + col + j - 1) * stride;
                    sum = hn::MulAdd(hn::LoadU(d, conv.weight + tap * conv.channels + c),
                                     hn::LoadU(d, from + c), sum);
                }
            hn::StoreU(conv.silu ? Silu(d, sum) : sum, d, to + c);
        });
    }
}

void ForwardRows(const Depthwise& conv, float* out, std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) ConvolveRow(conv, conv.x, row, false, out);
}

/// d_weight and d_bias of one row, added to what is there.
void AddWeightGradient(const Depthwise& conv, const float* grad, std::int64_t row, float* d_weight,
                       float* d_bias) {
    const auto channels = static_cast<std::size_t>(conv.channels);
    const Taps vertical(row % conv.rows, conv.rows);
    ForChannels(channels, [&](auto d, std::size_t c) HWY_ATTR {
        auto bias = hn::LoadU(d, d_bias + c);
        for (std::int64_t col = 0; col < conv.cols; ++col)
            bias = hn::Add(bias, hn::LoadU(d, grad + (row * conv.cols + col) * conv.channels + c));
        hn::StoreU(bias, d, d_bias + c);
        for (std::int64_t i = vertical.first; i < vertical.last; ++i)
            for (std::int64_t j = 0; j < 3; ++j) {
                float* sum_at = d_weight + (3 * i + j) * conv.channels + c;
                auto sum = hn::LoadU(d, sum_at);
                const std::int64_t first = j == 0 ? 1 : 0, last = j == 2 ? conv.cols - 1 : conv.cols;
                for (std::int64_t col = first; col < last; ++col)
                    sum = hn::MulAdd(
                        hn::LoadU(d, grad + (row * conv.cols + col) * conv.channels + c),
                        hn::LoadU(d, conv.x + ((row + i - 1) * conv.cols + col + j - 1) * conv.channels + c),
                        sum);
                hn::StoreU(sum, d, sum_at);
            }
    });
}

void Backward(const Depthwise& conv, const float* grad, float* d_x, float* d_weight, float* d_bias) {
    std::fill_n(d_weight, 9 * conv.channels, 0.0F);
    std::fill_n(d_bias, conv.channels, 0.0F);
    for (std::int64_t row = 0; row < conv.batch * conv.rows; ++row) {
        ConvolveRow(conv, grad, row, true, d_x);
        AddWeightGradient(conv, grad, row, d_weight, d_bias);
    }
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace spectile::kernels {

HWY_EXPORT(ForwardRows);
HWY_EXPORT(Backward);

void depthwise_forward(const Depthwise& conv, float* out, std::int64_t row_begin, std::int64_t row_end) {
    HWY_DYNAMIC_DISPATCH(ForwardRows)(conv, out, row_begin, row_end);
}

void depthwise_backward(const Depthwise& conv, const float* grad, float* d_x, float* d_weight,
                        float* d_bias) {
    HWY_DYNAMIC_DISPATCH(Backward)(conv, grad, d_x, d_weight, d_bias);
}

}  // namespace spectile::kernels
#endif  // HWY_ONCE
