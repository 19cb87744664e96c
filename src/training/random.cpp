#include "training/random.hpp"

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace spectile::training {
namespace {

constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15ULL;

std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

}  // namespace

Random::Random(std::uint64_t seed, Purpose purpose, std::initializer_list<std::uint64_t> key)
    : state_(mix(mix(seed + kStep) ^ static_cast<std::uint64_t>(purpose))) {
    for (const auto part : key) state_ = mix((state_ ^ part) + kStep);
}

std::uint64_t Random::bits() {
    state_ += kStep;
    return mix(state_);
}

double Random::uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }

std::uint64_t Random::below(std::uint64_t limit) {
    // Draws above the largest multiple of `limit` are thrown away, so that every result is equally likely.
    const std::uint64_t rest = (0 - limit) % limit;
    std::uint64_t draw = bits();
    while (draw < rest) draw = bits();
    return draw % limit;
}

double Random::normal() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
}

float Random::rough_normal() {
    const std::uint64_t draw = bits();
    const std::uint64_t sum =
        (draw & 0xFFFFU) + ((draw >> 16) & 0xFFFFU) + ((draw >> 32) & 0xFFFFU) + (draw >> 48);
    constexpr float kMean = 4 * 65535.0F / 2;
    constexpr float kDeviation = 37837.23F;  // sqrt(4 (65536^2 - 1) / 12)
    return (static_cast<float>(sum) - kMean) / kDeviation;
}

std::vector<std::size_t> shuffled(std::size_t count, Random random) {
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    return order;
}

}  // namespace spectile::training
