#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <numeric>
#include <random>
#include <vector>

#include "kernels/device/block.cuh"

// The execution header's host side: the same kernel bodies, one block after the other on one thread. For
// tests; needs no nvcc.

namespace spectile::kernels::device {

/// The order in which the host runs blocks, and threads within each phase. A device promises none.
enum class Order { ascending, descending, shuffled };

/// A block of threads on the host; see block.cuh.
template <class Kernel>
class HostBlock {
public:
    using Shared = typename Kernel::Shared;

    /// One value per thread that outlasts a phase; zero at first, as on a device.
    template <class T>
    class PerThread {
    public:
        explicit PerThread(const HostBlock&) : values_(static_cast<std::size_t>(Kernel::kThreads)) {}
        T& operator[](int thread) { return values_.at(static_cast<std::size_t>(thread)); }

    private:
        std::vector<T> values_;
    };

    HostBlock(Shared& memory, std::int64_t index, Order order, std::mt19937& generator)
        : shared(memory), index_(index), order_(order), generator_(generator), threads_(Kernel::kThreads) {
        std::iota(threads_.begin(), threads_.end(), 0);
        if (order == Order::descending) std::reverse(threads_.begin(), threads_.end());
    }
    std::int64_t index() const { return index_; }

    template <class Body>
    void each(Body body) {
        if (order_ == Order::shuffled) std::shuffle(threads_.begin(), threads_.end(), generator_);
        for (const int thread : threads_) body(thread);
    }
    template <class Body>
    void phase(Body body) {
        each(body);
    }

    Shared& shared;

private:
    std::int64_t index_;
    Order order_;
    std::mt19937& generator_;
    std::vector<int> threads_;
};

/// Runs a whole grid. Shared memory is filled with NaN before each block, as a device leaves it undefined.
/// Throws std::out_of_range where a body leaves one of its arrays.
template <class Kernel>
void run_on_host(const Kernel& kernel, std::int64_t blocks, Order order = Order::ascending) {
    std::mt19937 generator(static_cast<unsigned>(blocks));
    std::vector<std::int64_t> indices(static_cast<std::size_t>(std::max<std::int64_t>(blocks, 0)));
    std::iota(indices.begin(), indices.end(), 0);
    if (order == Order::descending) std::reverse(indices.begin(), indices.end());
    if (order == Order::shuffled) std::shuffle(indices.begin(), indices.end(), generator);
    const auto shared = std::make_unique<typename Kernel::Shared>();
    for (const auto index : indices) {
        std::memset(static_cast<void*>(shared.get()), 0xFF, sizeof(typename Kernel::Shared));
        HostBlock<Kernel> block(*shared, index, order, generator);
        kernel(block);
    }
}

}  // namespace spectile::kernels::device
