#pragma once

#include <cstdint>
#include <vector>

#include "spectile/cube.hpp"
#include "spectile/step.hpp"

/// Whole-scene statistics from blocks of fixed shape. Each block gives partial figures that depend on its
/// pixels alone; the caller merges them in block order, so that the result has one value whatever the
/// threads. Invalid pixels are left out.
namespace spectile::prepare {

/// Partial figures of one band in double.
struct BandMoments {
    std::uint64_t count = 0;
    double mean = 0;
    double squares = 0;  ///< Sum of squared distances to the mean.
    double minimum = 0, maximum = 0;
};

/// One per band of the cube: mean first, then the distances to it, each in eight interleaved sums.
std::vector<BandMoments> moments_of(const Cube& cube);

/// Adds a later block's figures. An empty `into` takes `block` as it is.
/// Source: Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances",
/// 1979, eq. 2.1.
void merge(std::vector<BandMoments>& into, const std::vector<BandMoments>& block);

/// Mean, population standard deviation, minimum and maximum; no histogram.
std::vector<BandStatistics> finish(const std::vector<BandMoments>& moments);

/// Counts the cube's valid values into the histograms of `statistics` (equal bins over [minimum, maximum],
/// the last one closed). Values outside the range count into the first or last bin. Second pass; partial
/// histograms of several cubes add up in any order.
void count_values(const Cube& cube, std::vector<BandStatistics>& statistics);

/// Adds the histograms of `block` to those of `into`.
void merge_histograms(std::vector<BandStatistics>& into, const std::vector<BandStatistics>& block);

/// The value below which `percent` of the counted values lie: values are taken as evenly spread within their
/// bin, so the error is at most one bin, (maximum - minimum) / kHistogramBins. 0 where nothing was counted.
double percentile_of(const BandStatistics& band, double percent);

}  // namespace spectile::prepare
