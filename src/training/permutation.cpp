#include "training/permutation.hpp"

#include "models/networks/layers/counter_random.hpp"

namespace spectile::training {

Permutation::Permutation(std::uint64_t count, Random random) : count_(count) {
    while ((std::uint64_t{1} << (2 * half_bits_)) < count) ++half_bits_;
    for (auto& key : keys_) key = random.bits();
}

std::uint64_t Permutation::once(std::uint64_t value) const {
    const std::uint64_t mask = (std::uint64_t{1} << half_bits_) - 1;
    std::uint64_t left = value >> half_bits_, right = value & mask;
    for (const auto key : keys_) {
        const std::uint64_t next = left ^ (networks::mixed_bits(key, right) & mask);
        left = right;
        right = next;
    }
    return (left << half_bits_) | right;
}

std::uint64_t Permutation::operator[](std::uint64_t i) const {
    // The domain is at most four times `count`, so that few steps lead back into it.
    do i = once(i);
    while (i >= count_);
    return i;
}

}  // namespace spectile::training
