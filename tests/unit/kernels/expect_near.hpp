#pragma once

#include <gtest/gtest.h>

#include <vector>

namespace spectile::kernels::test {

/// Sums of a few dozen float32 products against the same in double.
inline void expect_near(const std::vector<float>& ours, const std::vector<double>& expected) {
    ASSERT_EQ(ours.size(), expected.size());
    for (std::size_t i = 0; i < ours.size(); ++i) EXPECT_NEAR(ours[i], expected[i], 3e-5) << i;
}

}  // namespace spectile::kernels::test
