#pragma once

#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace spectile::training {

/// Every chunk of work in a thread of its own, as a loaded pool would do it in some order.
inline void in_threads(std::int64_t count, const std::function<void(std::int64_t)>& body) {
    std::vector<std::thread> threads;
    for (std::int64_t i = 0; i < count; ++i) threads.emplace_back([&, i] { body(i); });
    for (auto& thread : threads) thread.join();
}

}  // namespace spectile::training
