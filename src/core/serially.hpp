#pragma once

#include <cstdint>
#include <functional>

namespace spectile {

/// One after the other, in order: what a caller with a single thread hands over as a ParallelFor.
inline void serially(std::int64_t count, const std::function<void(std::int64_t)>& body) {
    for (std::int64_t i = 0; i < count; ++i) body(i);
}

}  // namespace spectile
