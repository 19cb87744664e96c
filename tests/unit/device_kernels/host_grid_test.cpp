#include "kernels/device/host_grid.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "unit/device_kernels/any_order.hpp"

namespace spectile::kernels::device {
namespace {

/// Turns 8 values of a block round; `waits` false leaves the barrier out, as a faulty kernel would.
struct Reverse {
    static constexpr int kThreads = 8;
    struct Shared {
        Fixed<int, kThreads> values;
    };
    const int* in;
    int* out;
    bool waits;

    template <class Block>
    SPECTILE_BODY void operator()(Block& block) const {
        const auto read = [&](int thread) {
            block.shared.values[thread] = in[block.index() * kThreads + thread];
        };
        const auto write = [&](int thread) {
            out[block.index() * kThreads + thread] = block.shared.values[kThreads - 1 - thread];
        };
        if (waits) {
            block.phase(read);
            block.each(write);
        } else {
            block.each([&](int thread) {
                read(thread);
                write(thread);
            });
        }
    }
};

std::vector<int> reversed(Order order, bool waits) {
    std::vector<int> in(24), out(24, -7);
    for (int i = 0; i < 24; ++i) in[static_cast<std::size_t>(i)] = i;
    run_on_host(Reverse{in.data(), out.data(), waits}, 3, order);
    return out;
}

TEST(HostGrid, PhasesSeeWhatEarlierPhasesOfAllThreadsLeft) {
    const auto out = test::same_in_any_order<int>([](Order order) { return reversed(order, true); });
    for (int i = 0; i < 24; ++i) EXPECT_EQ(out[static_cast<std::size_t>(i)], i / 8 * 8 + 7 - i % 8);
}

TEST(HostGrid, AMissingBarrierShowsInTheBytes) {
    EXPECT_NE(reversed(Order::ascending, false), reversed(Order::descending, false));
    EXPECT_NE(reversed(Order::ascending, false), reversed(Order::ascending, true));
}

struct Sloppy {
    static constexpr int kThreads = 4;
    struct Shared {
        Fixed<float, 4> values;
    };
    float* out;
    int reach;

    template <class Block>
    SPECTILE_BODY void operator()(Block& block) const {
        block.each([&](int thread) { out[thread] = block.shared.values[thread + reach]; });
    }
};

TEST(HostGrid, SharedMemoryStartsAsNaNAndIsChecked) {
    std::vector<float> out(4);
    run_on_host(Sloppy{out.data(), 0}, 1);
    for (const float value : out) EXPECT_TRUE(std::isnan(value));
    EXPECT_THROW(run_on_host(Sloppy{out.data(), 1}, 1), std::out_of_range);
    EXPECT_THROW(run_on_host(Sloppy{out.data(), -1}, 1), std::out_of_range);
}

}  // namespace
}  // namespace spectile::kernels::device
