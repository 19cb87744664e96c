#include "models/native/softmax.hpp"

#include <algorithm>
#include <vector>

#include "kernels/activations.hpp"

namespace spectile::native {

void softmax(std::span<float> values, int classes, std::int64_t begin, std::int64_t end) {
    const auto count = static_cast<std::size_t>(end - begin);
    const std::size_t pixels = values.size() / static_cast<std::size_t>(classes);
    const auto plane = [&](int c) {
        return values.subspan(static_cast<std::size_t>(c) * pixels + static_cast<std::size_t>(begin), count);
    };
    std::vector<float> largest(plane(0).begin(), plane(0).end()), sum(count, 0.0F);
    for (int c = 1; c < classes; ++c)
        for (std::size_t i = 0; i < count; ++i) largest[i] = std::max(largest[i], plane(c)[i]);
    for (int c = 0; c < classes; ++c) {
        const auto logits = plane(c);
        for (std::size_t i = 0; i < count; ++i) logits[i] -= largest[i];
        kernels::exp(logits.data(), logits.data(), count);
        for (std::size_t i = 0; i < count; ++i) sum[i] += logits[i];
    }
    for (int c = 0; c < classes; ++c)
        for (std::size_t i = 0; i < count; ++i) plane(c)[i] /= sum[i];
}

}  // namespace spectile::native
