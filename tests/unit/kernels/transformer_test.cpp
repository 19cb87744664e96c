#include "kernels/transformer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "kernels/token_layers.hpp"
#include "unit/kernels/each_target.hpp"
#include "unit/kernels/random_values.hpp"

namespace spectile::kernels {
namespace {

using Floats = std::vector<float>;

void block_after_block(std::int64_t count, const std::function<void(std::int64_t)>& body) {
    for (std::int64_t i = 0; i < count; ++i) body(i);
}

/// Backwards and each in a thread of its own.
void all_at_once(std::int64_t count, const std::function<void(std::int64_t)>& body) {
    std::vector<std::jthread> threads;
    for (std::int64_t i = count; i-- > 0;) threads.emplace_back([&body, i] { body(i); });
}

/// A layer's numbers.
struct LayerValues {
    Floats weight, bias;
    std::size_t out, in;

    LayerValues(std::mt19937& generator, std::size_t outputs, std::size_t inputs)
        : weight(test::normal_values(generator, outputs * inputs, 1 / std::sqrt(static_cast<float>(inputs)))),
          bias(test::normal_values(generator, outputs)),
          out(outputs),
          in(inputs) {}
    TransformerBlock::Layer pointers() const { return {weight.data(), bias.data()}; }
};

struct BlockValues {
    LayerValues norm1, q, k, v, proj, norm2, fc1, fc2;

    BlockValues(std::mt19937& g, const TransformerShape& s)
        : norm1(g, s.width, 1),
          q(g, s.width, s.width),
          k(g, s.width, s.width),
          v(g, s.width, s.width),
          proj(g, s.width, s.width),
          norm2(g, s.width, 1),
          fc1(g, s.hidden, s.width),
          fc2(g, s.width, s.hidden) {}
    TransformerBlock pointers() const {
        return {norm1.pointers(), q.pointers(),     k.pointers(),   v.pointers(),
                proj.pointers(),  norm2.pointers(), fc1.pointers(), fc2.pointers()};
    }
};

/// The block written down as it is defined, in double: [tokens][width].
class TransformerReference {
public:
    explicit TransformerReference(const TransformerShape& shape) : shape_(shape) {}
    using Matrix = std::vector<std::vector<double>>;

    void run(const BlockValues& block, Matrix& x) const {
        const Matrix normed = norm(block.norm1, x);
        add(linear(block.proj,
                   attend(linear(block.q, normed), linear(block.k, normed), linear(block.v, normed))),
            x);
        Matrix hidden = linear(block.fc1, norm(block.norm2, x));
        for (auto& row : hidden)
            for (double& value : row) value = value / 2 * (1 + std::erf(value / std::sqrt(2.0)));
        add(linear(block.fc2, hidden), x);
    }

private:
    static void add(const Matrix& what, Matrix& x) {
        for (std::size_t t = 0; t < x.size(); ++t)
            for (std::size_t i = 0; i < x[t].size(); ++i) x[t][i] += what[t][i];
    }
    static Matrix linear(const LayerValues& layer, const Matrix& x) {
        Matrix y(x.size(), std::vector<double>(layer.bias.begin(), layer.bias.end()));
        for (std::size_t t = 0; t < x.size(); ++t)
            for (std::size_t o = 0; o < layer.out; ++o)
                for (std::size_t k = 0; k < layer.in; ++k)
                    y[t][o] += layer.weight[o * layer.in + k] * x[t][k];
        return y;
    }
    Matrix norm(const LayerValues& layer, const Matrix& x) const {
        Matrix y = x;
        const double width = static_cast<double>(shape_.width);
        for (auto& row : y) {
            double mean = 0, variance = 0;
            for (const double value : row) mean += value / width;
            for (const double value : row) variance += (value - mean) * (value - mean) / width;
            for (std::size_t i = 0; i < row.size(); ++i)
                row[i] =
                    (row[i] - mean) / std::sqrt(variance + shape_.epsilon) * layer.weight[i] + layer.bias[i];
        }
        return y;
    }
    Matrix attend(const Matrix& q, const Matrix& k, const Matrix& v) const {
        const auto heads = static_cast<std::size_t>(shape_.heads), width = q[0].size() / heads;
        Matrix out(q.size(), std::vector<double>(q[0].size(), 0.0));
        for (std::size_t head = 0; head < heads; ++head)
            for (std::size_t t = 0; t < q.size(); ++t) {
                std::vector<double> weights;
                double sum = 0;
                for (const auto& key : k) {
                    double score = 0;
                    for (std::size_t i = head * width; i < (head + 1) * width; ++i) score += q[t][i] * key[i];
                    weights.push_back(std::exp(score / std::sqrt(static_cast<double>(width))));
                    sum += weights.back();
                }
                for (std::size_t s = 0; s < v.size(); ++s)
                    for (std::size_t i = head * width; i < (head + 1) * width; ++i)
                        out[t][i] += weights[s] / sum * v[s][i];
            }
        return out;
    }

    TransformerShape shape_;
};

/// Two blocks and tokens for them.
struct TransformerCase {
    TransformerShape shape;
    std::vector<BlockValues> blocks;
    Floats x;
    bool bfloat16 = false;

    explicit TransformerCase(const TransformerShape& of) : shape(of) {
        std::mt19937 generator(11);
        for (int i = 0; i < 2; ++i) blocks.emplace_back(generator, shape);
        x = test::normal_values(generator, static_cast<std::size_t>(shape.tokens * shape.width));
    }
    Floats run(const Transformer::ParallelFor& parallel = block_after_block) const {
        std::vector<TransformerBlock> pointers;
        for (const auto& block : blocks) pointers.push_back(block.pointers());
        Floats out = x;
        const Transformer transformer(shape, pointers, bfloat16);
        transformer.run(*transformer.memory(), out.data(), parallel);
        return out;
    }
    Floats expected() const {
        const auto width = static_cast<std::size_t>(shape.width);
        TransformerReference::Matrix rows;
        for (std::size_t t = 0; t < x.size(); t += width)
            rows.emplace_back(x.begin() + static_cast<std::ptrdiff_t>(t),
                              x.begin() + static_cast<std::ptrdiff_t>(t + width));
        for (const auto& block : blocks) TransformerReference(shape).run(block, rows);
        Floats out;
        for (const auto& row : rows) out.insert(out.end(), row.begin(), row.end());
        return out;
    }
};

/// The largest difference over the largest value.
double error_of(const Floats& ours, const Floats& expected) {
    double error = 0, largest = 0;
    for (std::size_t i = 0; i < ours.size(); ++i) {
        error = std::max(error, std::abs(double{ours[i]} - expected[i]));
        largest = std::max(largest, std::abs(double{expected[i]}));
    }
    return error / largest;
}

// Widths that are no multiple of 12, heads that are no multiple of 8, one input piece and two, tokens that
// fill no panel.
const TransformerShape kTransformers[] = {{.tokens = 70, .width = 24, .hidden = 96, .heads = 3},
                                          {.tokens = 32, .width = 48, .hidden = 100, .heads = 1},
                                          {.tokens = 5, .width = 40, .hidden = 800, .heads = 4},
                                          {.tokens = 301, .width = 26, .hidden = 30, .heads = 2}};

TEST(Transformer, EqualsTheDefinitionAtEveryTarget) {
    for (const auto& shape : kTransformers) {
        const TransformerCase the(shape);
        const Floats expected = the.expected();
        test::for_each_target([&] { EXPECT_LT(error_of(the.run(), expected), 3e-6) << shape.tokens; });
    }
}

TEST(Transformer, ThreadsDoNotChangeABit) {
    const TransformerCase the({.tokens = 600, .width = 24, .hidden = 96, .heads = 3});
    EXPECT_EQ(the.run(), the.run(all_at_once));
}

/// A head of an odd width too, whose attention stays in float32.
TEST(Transformer, InBfloat16ItIsNearTheDefinitionAtEveryTarget) {
    for (auto shape : {kTransformers[0], kTransformers[2], kTransformers[3],
                       TransformerShape{.tokens = 40, .width = 21, .hidden = 84, .heads = 3}}) {
        TransformerCase the(shape);
        const Floats expected = the.expected();
        the.bfloat16 = true;
        test::for_each_target([&] {
            const double error = error_of(the.run(), expected);
            EXPECT_LT(error, 2e-2) << shape.tokens;
            EXPECT_GT(error, 1e-4) << "nothing was rounded";
        });
    }
}

TEST(Transformer, ThreadsDoNotChangeABitInBfloat16) {
    TransformerCase the({.tokens = 600, .width = 24, .hidden = 96, .heads = 3});
    the.bfloat16 = true;
    EXPECT_EQ(the.run(), the.run(all_at_once));
}

TEST(Transformer, ScoresOfAnySizeStayFinite) {
    TransformerCase the(kTransformers[0]);
    for (float& weight : the.blocks[0].q.weight) weight *= 1e4F;
    for (const float value : the.run()) ASSERT_TRUE(std::isfinite(value));
}

}  // namespace
}  // namespace spectile::kernels
