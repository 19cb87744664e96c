#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <vector>

#include "kernels/device/host_grid.hpp"

namespace spectile::kernels::device::test {

/// What `run` gives with blocks and threads in ascending order; fails where another order gives other bytes.
template <class Value>
std::vector<Value> same_in_any_order(const std::function<std::vector<Value>(Order)>& run) {
    const auto first = run(Order::ascending);
    for (const Order order : {Order::descending, Order::shuffled}) {
        const auto again = run(order);
        EXPECT_EQ(first.size(), again.size());
        if (first.size() == again.size() && !first.empty()) {
            EXPECT_EQ(std::memcmp(first.data(), again.data(), first.size() * sizeof(Value)), 0)
                << "order of blocks and threads";
        }
    }
    return first;
}

}  // namespace spectile::kernels::device::test
