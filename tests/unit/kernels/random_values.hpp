#pragma once

#include <cstddef>
#include <random>
#include <vector>

namespace spectile::kernels::test {

inline std::vector<float> normal_values(std::mt19937& generator, std::size_t count, float scale = 1.0F) {
    std::normal_distribution<float> normal(0.0F, scale);
    std::vector<float> values(count);
    for (float& value : values) value = normal(generator);
    return values;
}

/// Draws from one sequence for the whole test program.
inline std::vector<float> test_values(std::size_t count, float scale) {
    static std::mt19937 generator(7);
    return normal_values(generator, count, scale);
}

inline int integer_between(std::mt19937& generator, int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(generator);
}

}  // namespace spectile::kernels::test
