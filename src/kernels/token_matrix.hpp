#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace spectile::kernels {

/// Tokens that lie side by side in the lanes: activations are [panel][feature][kTokenPanel], so that sums
/// over features run down the lanes and nothing is ever transposed between the layers of a transformer.
constexpr std::size_t kTokenPanel = 32;

/// The matrix W [out, in] of a layer y = W x + bias, packed for tokens in the lanes in the order in which it
/// is read: [piece of kInputs inputs][block of kOutputs outputs][input][kOutputs], each weight to be
/// broadcast. Missing outputs have zero weights.
struct TokenMatrix {
    static constexpr std::size_t kOutputs = 12;
    /// Of a panel stay in the first cache, with the weights of a block.
    static constexpr std::size_t kInputs = 256;

    std::size_t in = 0, out = 0;
    std::vector<float> weights, bias;
    /// In place of the weights: rounded to bfloat16, two inputs in 32 bits (the second in the upper half),
    /// which take the place of one.
    std::vector<std::uint32_t> pairs;

    TokenMatrix() = default;
    /// W [out, in] and the bias of each output.
    TokenMatrix(const float* weight, const float* of_outputs, std::size_t out_features,
                std::size_t in_features);
    /// Multiplies weights and bias. Not once they are rounded.
    void scale(float factor);
    /// Rounds the weights to bfloat16: nearest, ties to even.
    void round();

    bool bfloat16() const { return !pairs.empty(); }
    /// Inputs, or pairs of them.
    std::size_t inputs() const { return bfloat16() ? (in + 1) / 2 : in; }
    std::size_t blocks() const { return (out + kOutputs - 1) / kOutputs; }
    /// Outputs that are written: `out` rounded up to 12.
    std::size_t width() const { return blocks() * kOutputs; }
    /// Where the weights of a block begin, of the piece whose first input (or pair) is `first`.
    std::size_t offset(std::size_t first, std::size_t block) const {
        return (first * blocks() + block * std::min(kInputs, inputs() - first)) * kOutputs;
    }
    /// Where the weights of a block and one input (or pair) begin.
    std::size_t place(std::size_t block, std::size_t input) const {
        return offset(input - input % kInputs, block) + input % kInputs * kOutputs;
    }
};

}  // namespace spectile::kernels
