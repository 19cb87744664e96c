#pragma once

#include <cstdint>

#if !defined(__CUDACC__)
#include <cmath>
#include <cstddef>
#include <stdexcept>
#endif

// What a kernel may know of the machine that runs it. A kernel is a struct of pointers and sizes:
//
//     struct Kernel {
//         static constexpr int kThreads = 128;          // of a block
//         static constexpr int kBlocks = 1;             // that a multiprocessor must hold; bounds the
//         registers struct Shared { Fixed<float, 128> values; };  // shared memory of a block template <class
//         Block> SPECTILE_BODY void operator()(Block& block) const;
//     };
//
// Its body is written as phases. A phase is a function of the thread's number; `block.phase(f)` runs it for
// every thread of the block and then waits for all of them, `block.each(f)` does not wait. Threads are known
// inside phases only, so that whatever stands between them is the same for the whole block and no barrier can
// be missed by one thread. On a device a phase is called once per thread (block_device.cuh); on the host it
// is a loop over the threads, in any order (host_grid.hpp): a body that keeps to the rule below does the same
// additions in the same order on both.
//
// Rule   Within a phase no thread reads what another one writes. What has to outlast a phase stands in
//        `Shared` or in a `Block::PerThread<T>`, which on a device is the thread's registers.

#if defined(__CUDACC__)
#define SPECTILE_BODY __device__ __forceinline__
#define SPECTILE_ANYWHERE __host__ __device__ __forceinline__
#define SPECTILE_UNROLL _Pragma("unroll")
#define SPECTILE_KEEP_LOOP _Pragma("unroll 1")
#else
#define SPECTILE_BODY inline
#define SPECTILE_ANYWHERE inline
#define SPECTILE_UNROLL
#define SPECTILE_KEEP_LOOP
#endif

namespace spectile::kernels::device {

/// An array of fixed size that the host checks at every access. Trivial, so that it may stand in shared
/// memory.
template <class T, int kSize>
struct Fixed {
    T values[kSize];

    SPECTILE_BODY T& operator[](int at) { return values[checked(at)]; }
    SPECTILE_BODY const T& operator[](int at) const { return values[checked(at)]; }

private:
    SPECTILE_BODY static int checked(int at) {
#if !defined(__CUDACC__)
        if (at < 0 || at >= kSize) throw std::out_of_range("a kernel reaches beyond its own array");
#endif
        return at;
    }
};

/// Kernels without shared memory.
struct Nothing {};

/// Blocks of `each` that cover `count`.
SPECTILE_ANYWHERE constexpr std::int64_t blocks_for(std::int64_t count, std::int64_t each) {
    return (count + each - 1) / each;
}

}  // namespace spectile::kernels::device
