#pragma once

#include <gtest/gtest.h>

#include <ostream>

#include "support/golden_tensor.hpp"

namespace spectile::test {

/// How the numbers are computed: the project's scan or LibTorch's operators, and the float type.
struct Arithmetic {
    const char* name;
    bool reference_scan;
    at::ScalarType type;
    double activations, gradients;  ///< Tolerances of the golden README.
};

inline void PrintTo(const Arithmetic& how, std::ostream* out) { *out << how.name; }

inline constexpr Arithmetic kArithmetics[] = {{"kernel", false, at::kFloat, 1e-5, 1e-4},
                                              {"reference32", true, at::kFloat, 1e-5, 1e-4},
                                              {"reference64", true, at::kDouble, 2e-7, 2e-7}};

inline std::string arithmetic_name(const testing::TestParamInfo<Arithmetic>& info) { return info.param.name; }

/// Compares every tensor of `golden` that begins with `prefix`; `ours` gives the tensor of the rest of the
/// key.
template <typename Find>
void expect_tensors(const GoldenFile& golden, const std::string& prefix, double tolerance, Find ours) {
    for (const auto& [key, tensor] : golden.tensors) {
        if (key.rfind(prefix, 0) != 0) continue;
        EXPECT_LE(tensor_error(ours(key.substr(prefix.size())), tensor), tolerance)
            << golden.stem() << ": " << key;
    }
}

#define SKIP_WITHOUT_GOLDENS() \
    if (golden_absent()) GTEST_SKIP() << golden_root() << " is not there; set SPECTILE_GOLDEN"

}  // namespace spectile::test
