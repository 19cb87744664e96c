#include "kernels/token_matrix.hpp"

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

}  // namespace spectile::kernels
