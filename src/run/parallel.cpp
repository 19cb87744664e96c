#include "run/parallel.hpp"

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

namespace spectile::run {

struct ThreadBudget::Impl {
    tbb::global_control control;
};

ThreadBudget::ThreadBudget(int threads)
    : impl_(new Impl{tbb::global_control(tbb::global_control::max_allowed_parallelism,
                                         static_cast<std::size_t>(threads))}) {}
ThreadBudget::~ThreadBudget() = default;

ParallelFor parallel_for() {
    return [](std::int64_t count, const std::function<void(std::int64_t)>& body) {
        tbb::this_task_arena::isolate(
            [&] { tbb::parallel_for(std::int64_t{0}, count, [&](std::int64_t i) { body(i); }); });
    };
}

}  // namespace spectile::run
