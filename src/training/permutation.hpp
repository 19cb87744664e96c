#pragma once

#include <array>
#include <cstdint>

#include "training/random.hpp"

namespace spectile::training {

/// The numbers 0 .. count-1 in an order drawn from `random`, each worked out when it is asked for: nothing is
/// held, however large `count` is.
///
/// Source   a balanced Feistel network over the next even number of bits, walked on while it leaves the range
///          (Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002, sections 4 and 5).
class Permutation {
public:
    /// `count` > 0 and below 2^62.
    Permutation(std::uint64_t count, Random random);

    /// `i` < count.
    std::uint64_t operator[](std::uint64_t i) const;

private:
    std::uint64_t once(std::uint64_t value) const;

    static constexpr std::size_t kRounds = 8;
    std::uint64_t count_;
    int half_bits_ = 1;
    std::array<std::uint64_t, kRounds> keys_{};
};

}  // namespace spectile::training
