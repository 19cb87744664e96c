#include "kernels/token_matrix.hpp"

#include <utility>

#include "kernels/bfloat16.hpp"

namespace spectile::kernels {

TokenMatrix::TokenMatrix(const float* weight, const float* of_outputs, std::size_t out_features,
                         std::size_t in_features)
    : in(in_features), out(out_features), weights(width() * in), bias(width()) {
    std::copy_n(of_outputs, out, bias.begin());
    for (std::size_t first = 0; first < in; first += kInputs)
        for (std::size_t o = 0; o < out; ++o) {
            float* to = weights.data() + offset(first, o / kOutputs) + o % kOutputs;
            for (std::size_t k = first; k < std::min(in, first + kInputs); ++k, to += kOutputs)
                *to = weight[o * in + k];
        }
}

void TokenMatrix::scale(float factor) {
    for (float& value : weights) value *= factor;
    for (float& value : bias) value *= factor;
}

void TokenMatrix::round() {
    TokenMatrix full = std::exchange(*this, TokenMatrix());
    in = full.in, out = full.out, bias = std::move(full.bias);
    pairs.resize(blocks() * kOutputs * ((in + 1) / 2));
    for (std::size_t block = 0; block < blocks(); ++block)
        for (std::size_t k = 0; k < in; ++k) {
            const float* from = full.weights.data() + full.place(block, k);
            std::uint32_t* to = pairs.data() + place(block, k / 2);
            for (std::size_t o = 0; o < kOutputs; ++o)
                to[o] |= std::uint32_t{to_bfloat16(from[o])} << (k % 2 * 16);
        }
}

}  // namespace spectile::kernels
