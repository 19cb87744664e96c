#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace spectile::training {

/// Largest difference of a probability: other orders of summation and approximations of exp stay far below.
inline constexpr float kProbabilityTolerance = 1e-4F;

/// A cube of a self-test.
struct SelfTestCube {
    std::span<const float> values;
    std::vector<std::int64_t> shape;  ///< [bands or channels, rows, cols]
};

/// Writes a self-test as run_selftest reads it: what enters a model, what has to come out, and how far each
/// value may differ. Throws Error{Code::write}.
void write_selftest(const std::string& path, const SelfTestCube& input, const SelfTestCube& output,
                    float tolerance);

}  // namespace spectile::training
