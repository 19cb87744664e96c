#pragma once

#include <cstdint>
#include <functional>

#include "core/serially.hpp"
#include "spectile/model.hpp"

namespace spectile::training {

/// Calls `parallel`, or runs in order where it is empty.
inline void for_each(const ParallelFor& parallel, std::int64_t count,
                     const std::function<void(std::int64_t)>& body) {
    parallel ? parallel(count, body) : serially(count, body);
}

}  // namespace spectile::training
