#pragma once

#include <cstdint>
#include <initializer_list>

// Random numbers by counting: each is a function of a key and an index alone, so that nothing depends on
// threads, batches or the order of calls. Source   SplitMix64 (Steele, Lea, Flood, 2014).

namespace spectile::networks {

inline std::uint64_t mixed_bits(std::uint64_t key, std::uint64_t index) {
    std::uint64_t z = key + (index + 1) * 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

/// A number in [0, 1) for each key and index.
inline double uniform_of(std::uint64_t key, std::uint64_t index) {
    return static_cast<double>(mixed_bits(key, index) >> 11) * 0x1p-53;
}

/// One key made of several numbers, whose order counts.
inline std::uint64_t key_of(std::initializer_list<std::uint64_t> parts) {
    std::uint64_t key = 0;
    for (const auto part : parts) key = mixed_bits(key, part);
    return key;
}

}  // namespace spectile::networks
