#include "run/probabilities.hpp"

#include "kernels/activations.hpp"

namespace spectile::run {

void to_probabilities(const ModelTraits& traits, Prediction& prediction) {
    auto& values = prediction.values;
    if (traits.logits) kernels::sigmoid(values.data(), values.data(), values.size());
}

}  // namespace spectile::run
