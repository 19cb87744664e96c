#include "kernels/causal_conv.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/causal_conv.cpp"
#include "hwy/foreach_target.h"
// After foreach_target.h, so that they see each target.
#include "hwy/highway.h"
#include "kernels/channels-inl.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void ForwardSequences(const CausalConv& conv, float* out, std::int64_t begin, std::int64_t end) {
    for (std::int64_t token = begin * conv.length; token < end * conv.length; ++token) {
        const std::int64_t before = token % conv.length;
        const std::int64_t first = std::max<std::int64_t>(0, conv.taps - 1 - before);
        ForChannels(static_cast<std::size_t>(conv.channels), [&](auto d, std::size_t c) HWY_ATTR {
            auto sum = hn::LoadU(d, conv.bias + c);
            for (std::int64_t tap = first; tap < conv.taps; ++tap)
                sum =
                    hn::MulAdd(hn::LoadU(d, conv.weight + tap * conv.channels + c),
                               hn::LoadU(d, conv.x + (token + tap - conv.taps + 1) * conv.x_stride + c), sum);
            hn::StoreU(sum, d, out + token * conv.channels + c);
        });
    }
}

/// d_x of one token: every later token that looked back at it, itself first.
void TokenGradient(const CausalConv& conv, const float* grad, std::int64_t token, float* d_x) {
    const std::int64_t after = conv.length - 1 - token % conv.length;
    const std::int64_t last = std::min(conv.taps - 1, after);
    ForChannels(static_cast<std::size_t>(conv.channels), [&](auto d, std::size_t c) HWY_ATTR {
        auto sum = hn::Zero(d);
        for (std::int64_t ahead = 0; ahead <= last; ++ahead)
            sum = hn::MulAdd(hn::LoadU(d, conv.weight + (conv.taps - 1 - ahead) * conv.channels + c),
                             hn::LoadU(d, grad + (token + ahead) * conv.channels + c), sum);
        hn::StoreU(sum, d, d_x + token * conv.channels + c);
    });
}

/// d_weight and d_bias of one sequence, added to what is there.
void AddWeightGradient(const CausalConv& conv, const float* grad, std::int64_t sequence, float* d_weight,
                       float* d_bias) {
    const std::int64_t begin = sequence * conv.length, end = begin + conv.length;
    ForChannels(static_cast<std::size_t>(conv.channels), [&](auto d, std::size_t c) HWY_ATTR {
        auto bias = hn::LoadU(d, d_bias + c);
        for (std::int64_t token = begin; token < end; ++token)
            bias = hn::Add(bias, hn::LoadU(d, grad + token * conv.channels + c));
        hn::StoreU(bias, d, d_bias + c);
        for (std::int64_t tap = 0; tap < conv.taps; ++tap) {
            const std::int64_t back = conv.taps - 1 - tap;
            auto sum = hn::LoadU(d, d_weight + tap * conv.channels + c);
            for (std::int64_t token = begin + back; token < end; ++token)
                sum = hn::MulAdd(hn::LoadU(d, grad + token * conv.channels + c),
                                 hn::LoadU(d, conv.x + (token - back) * conv.x_stride + c), sum);
            hn::StoreU(sum, d, d_weight + tap * conv.channels + c);
        }
    });
}

void BackwardSequences(const CausalConv& conv, const float* grad, float* d_x, float* d_weight,
                       float* d_bias) {
    std::fill_n(d_weight, conv.taps * conv.channels, 0.0F);
    std::fill_n(d_bias, conv.channels, 0.0F);
    for (std::int64_t sequence = 0; sequence < conv.batch; ++sequence) {
        for (std::int64_t token = 0; token < conv.length; ++token)
            TokenGradient(conv, grad, sequence * conv.length + token, d_x);
        AddWeightGradient(conv, grad, sequence, d_weight, d_bias);
    }
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace spectile::kernels {

HWY_EXPORT(ForwardSequences);
HWY_EXPORT(BackwardSequences);

void causal_conv_forward(const CausalConv& conv, float* out, std::int64_t begin, std::int64_t end) {
    HWY_DYNAMIC_DISPATCH(ForwardSequences)(conv, out, begin, end);
}

void causal_conv_backward(const CausalConv& conv, const float* grad, float* d_x, float* d_weight,
                          float* d_bias) {
    HWY_DYNAMIC_DISPATCH(BackwardSequences)(conv, grad, d_x, d_weight, d_bias);
}

}  // namespace spectile::kernels
#endif  // HWY_ONCE
