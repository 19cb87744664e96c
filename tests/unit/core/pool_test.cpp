#include "core/pool.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>

namespace spectile {
namespace {

TEST(Pool, MakesOneMoreOnlyWhereAllAreLent) {
    int made = 0;
    Pool<std::unique_ptr<int>> pool([&] { return std::make_unique<int>(++made); });
    pool.with([&](const auto& first) {
        EXPECT_EQ(*first, 1);
        pool.with([&](const auto& second) { EXPECT_EQ(*second, 2); });
        pool.with([&](const auto& again) { EXPECT_EQ(*again, 2) << "the one that came back"; });
        EXPECT_EQ(pool.idle().size(), 1U);
    });
    EXPECT_EQ(pool.idle().size(), 2U);
    EXPECT_EQ(made, 2);
}

TEST(Pool, WhatIsLentComesBackWhereItsUserThrows) {
    int made = 0;
    Pool<int> pool([&] { return ++made; });
    EXPECT_THROW(pool.with([](int&) { throw std::runtime_error("in use"); }), std::runtime_error);
    pool.with([](const int& item) { EXPECT_EQ(item, 1); });
    EXPECT_EQ(made, 1);
}

}  // namespace
}  // namespace spectile
