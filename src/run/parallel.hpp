#pragma once

#include <functional>
#include <memory>
#include <string>

#include "spectile/model.hpp"

namespace spectile::run {

/// Holds oneTBB's pool at `threads` while it lives.
class ThreadBudget {
public:
    explicit ThreadBudget(int threads);
    ~ThreadBudget();
    ThreadBudget(const ThreadBudget&) = delete;
    ThreadBudget& operator=(const ThreadBudget&) = delete;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Loops for models and steps, on oneTBB's pool. A worker that waits in such a loop takes no other tile
/// meanwhile.
ParallelFor parallel_for();

/// Runs `body` where oneTBB lends it `threads` threads, however few cores there are: the default arena has a
/// place for each core and no more. Within a ThreadBudget of at least as many.
void in_arena(int threads, const std::function<void()>& body);

/// Of the library that is loaded, such as "2021.8.0".
std::string tbb_version();

}  // namespace spectile::run
