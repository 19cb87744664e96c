#pragma once

#include <memory>

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

}  // namespace spectile::run
