#include "models/networks/layers/attention.hpp"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/softmax.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/attention.hpp"
#include "models/networks/layers/mixed.hpp"

namespace spectile::networks {
namespace {

constexpr std::int64_t kQueries = 128, kKeys = 512;

/// One head of one sample: views of [tokens, width of the head].
struct Head {
    at::Tensor q, k, v, out;
    double scale;
};

/// A thread's own memory.
struct Scratch {
    at::Tensor scores = at::empty({kQueries, kKeys}, at::kFloat);
    std::vector<float> largest = std::vector<float>(kQueries), sum = largest, factor = largest;
};

kernels::RowBlock block_of(const at::Tensor& rows) {
    return {.values = rows.data_ptr<float>(),
            .rows = rows.size(0),
            .columns = rows.size(1),
            .stride = rows.stride(0)};
}

/// Attends from the queries [first, first + count) to all keys.
void attend(const Head& head, std::int64_t first, std::int64_t count, Scratch& scratch) {
    const std::int64_t tokens = head.k.size(0);
    const auto q = head.q.narrow(0, first, count);
    auto out = head.out.narrow(0, first, count);
    std::fill(scratch.largest.begin(), scratch.largest.end(), -std::numeric_limits<float>::infinity());
    std::fill(scratch.sum.begin(), scratch.sum.end(), 0.0F);
    for (std::int64_t key = 0; key < tokens; key += kKeys) {
        const std::int64_t keys = std::min(kKeys, tokens - key);
        auto scores = scratch.scores.narrow(0, 0, count).narrow(1, 0, keys);
        scores.addmm_(q, head.k.narrow(0, key, keys).t(), /*beta=*/0, /*alpha=*/head.scale);
        kernels::softmax_block(block_of(scores), scratch.largest.data(), scratch.sum.data(),
                               scratch.factor.data());
        if (key > 0) kernels::scale_rows(block_of(out), scratch.factor.data());
        out.addmm_(scores, head.v.narrow(0, key, keys), /*beta=*/key > 0 ? 1 : 0);
    }
    for (std::int64_t i = 0; i < count; ++i) scratch.factor[i] = 1 / scratch.sum[i];
    kernels::scale_rows(block_of(out), scratch.factor.data());
}

}  // namespace

at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, std::int64_t heads,
                     at::ScalarType products) {
    const std::int64_t batch = q.size(0), tokens = q.size(1), width = q.size(2) / heads;
    const auto by_head = [&](const at::Tensor& x) {
        return x.view({batch, tokens, heads, width}).transpose(1, 2);
    };
    const double scale = 1 / std::sqrt(static_cast<double>(width));
    const auto weights =
        at::softmax(mixed::matmul(by_head(q) * scale, by_head(k).transpose(2, 3), products), -1);
    return mixed::matmul(weights, by_head(v), products)
        .transpose(1, 2)
        .reshape({batch, tokens, heads * width});
}

at::Tensor blockwise_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                               std::int64_t heads) {
    const std::int64_t batch = q.size(0), tokens = q.size(1), width = q.size(2) / heads,
                       blocks = (tokens + kQueries - 1) / kQueries;
    auto out = at::empty_like(q);
    const double scale = 1 / std::sqrt(static_cast<double>(width));
    at::parallel_for(0, batch * heads * blocks, 1, [&](std::int64_t begin, std::int64_t end) {
        Scratch scratch;
        for (std::int64_t task = begin; task < end; ++task) {
            const std::int64_t sample = task / (heads * blocks), head = task / blocks % heads;
            const auto part = [&](const at::Tensor& x) { return x[sample].narrow(1, head * width, width); };
            const std::int64_t first = task % blocks * kQueries;
            attend({part(q), part(k), part(v), part(out), scale}, first, std::min(kQueries, tokens - first),
                   scratch);
        }
    });
    return out;
}

}  // namespace spectile::networks
