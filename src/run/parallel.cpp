#include "run/parallel.hpp"

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>
#include <tbb/version.h>

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

void in_arena(int threads, const std::function<void()>& body) {
    tbb::task_arena arena(threads);
    arena.execute(body);
}

std::string tbb_version() { return TBB_runtime_version(); }

}  // namespace spectile::run
