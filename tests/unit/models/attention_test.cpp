#include "models/networks/layers/attention.hpp"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

namespace spectile::networks {
namespace {

struct Inputs {
    at::Tensor q, k, v;
};

Inputs inputs_of(std::int64_t batch, std::int64_t tokens, std::int64_t width, double scale = 1) {
    const auto draw = [&] { return at::randn({batch, tokens, width}) * scale; };
    return {draw(), draw(), draw()};
}

/// The greatest difference from the plain form in double, relative to the largest value.
double error_of(const Inputs& in, std::int64_t heads) {
    const at::NoGradGuard no_grad;
    const auto ours = blockwise_attention(in.q, in.k, in.v, heads).to(at::kDouble);
    const auto expected = attention(in.q.to(at::kDouble), in.k.to(at::kDouble), in.v.to(at::kDouble), heads);
    return ((ours - expected).abs().max() / expected.abs().max()).item<double>();
}

// Numbers of tokens below, at and between the sizes of the blocks of queries (128) and keys (512).
TEST(BlockwiseAttention, EqualsThePlainFormForAnyNumberOfTokens) {
    for (const std::int64_t tokens : {1, 6, 57, 128, 129, 511, 512, 513, 576, 1024, 1100})
        EXPECT_LE(error_of(inputs_of(1, tokens, 48), 4), 1e-5) << tokens;
    EXPECT_LE(error_of(inputs_of(3, 150, 30), 5), 1e-5) << "widths that fill no vector";
}

TEST(BlockwiseAttention, HoldsForScoresFarApart) {
    // Scores of several hundred are rounded by 1.5e-5 each, in the plain form, too.
    EXPECT_LE(error_of(inputs_of(1, 700, 64, 6), 2), 3e-5);
    auto in = inputs_of(1, 1024, 64);
    in.k = in.k.contiguous();
    in.k.narrow(1, 0, 512).mul_(0.01);
    in.k.narrow(1, 512, 512).mul_(8);  // The second block of keys outweighs the first.
    EXPECT_LE(error_of(in, 1), 1e-5);
}

TEST(BlockwiseAttention, NeitherBatchNorThreadsChangeABit) {
    const at::NoGradGuard no_grad;
    const auto in = inputs_of(3, 600, 96);
    const auto whole = blockwise_attention(in.q, in.k, in.v, 6);
    for (std::int64_t sample = 0; sample < 3; ++sample) {
        const auto one = [&](const at::Tensor& x) { return x.narrow(0, sample, 1); };
        EXPECT_TRUE(blockwise_attention(one(in.q), one(in.k), one(in.v), 6).equal(one(whole))) << sample;
    }
    const int before = at::get_num_threads();
    at::set_num_threads(3);
    EXPECT_TRUE(blockwise_attention(in.q, in.k, in.v, 6).equal(whole));
    at::set_num_threads(before);
}

}  // namespace
}  // namespace spectile::networks
