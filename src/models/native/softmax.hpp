#pragma once

#include <cstdint>
#include <span>

namespace spectile::native {

/// Turns logits [classes, pixels] into probabilities in place, for the pixels [begin, end).
/// A pixel's result depends on its own logits alone.
void softmax(std::span<float> values, int classes, std::int64_t begin, std::int64_t end);

}  // namespace spectile::native
