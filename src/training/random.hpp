#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

namespace spectile::training {

/// What a stream of random numbers is for; part of its key.
enum class Purpose : std::uint64_t {
    split = 1,
    order = 2,
    augmentation = 3,
    selftest = 4,
    sampling = 5,
    crops = 6,
    dropout = 7,
    mixing = 8
};

/// Random numbers that are a function of a key alone: (seed, purpose, epoch, sample, ...).
///
/// Every sample of every epoch has a generator of its own, so nothing depends on threads, on batches, or on
/// where a training was cut off and resumed; there is no generator state to store.
///
/// Source   SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
class Random {
public:
    Random(std::uint64_t seed, Purpose purpose, std::initializer_list<std::uint64_t> key);

    std::uint64_t bits();
    /// In [0, 1), with 53 random bits.
    double uniform();
    double uniform(double low, double high) { return low + (high - low) * uniform(); }
    /// In [0, limit), without bias. `limit` > 0.
    std::uint64_t below(std::uint64_t limit);
    /// Mean 0, standard deviation 1 (Box and Muller).
    double normal();
    /// Nearly so, at a tenth of the cost: the sum of four uniform numbers (Irwin and Hall), within 3.5 of 0.
    /// For noise by the million.
    float rough_normal();

private:
    std::uint64_t state_;
};

/// The numbers 0 .. count-1 in random order (Fisher and Yates).
std::vector<std::size_t> shuffled(std::size_t count, Random random);

}  // namespace spectile::training
