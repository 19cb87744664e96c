#include "prepare/statistics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "spectile/error.hpp"

namespace spectile::prepare {
namespace {

constexpr std::size_t kLanes = 8;

/// Sum over valid values of `term(value)`, in kLanes interleaved sums: one order, and room for vector
/// registers.
template <typename Term>
double lane_sum(const float* values, const std::uint8_t* valid, std::size_t count, Term&& term) {
    std::array<double, kLanes> sums{};
    const std::size_t whole = count - count % kLanes;
    for (std::size_t i = 0; i < whole; i += kLanes)
        for (std::size_t lane = 0; lane < kLanes; ++lane)
            sums[lane] += valid[i + lane] ? term(static_cast<double>(values[i + lane])) : 0.0;
    for (std::size_t i = whole; i < count; ++i)
        sums[i - whole] += valid[i] ? term(static_cast<double>(values[i])) : 0.0;
    double sum = 0;
    for (const double part : sums) sum += part;
    return sum;
}

BandMoments moments_of_band(const float* values, const std::uint8_t* valid, std::size_t count,
                            std::uint64_t measured) {
    BandMoments m;
    m.count = measured;
    if (measured == 0) return m;
    m.mean =
        lane_sum(values, valid, count, [](double value) { return value; }) / static_cast<double>(measured);
    m.squares = lane_sum(values, valid, count,
                         [mean = m.mean](double value) { return (value - mean) * (value - mean); });
    constexpr float kInfinite = std::numeric_limits<float>::infinity();
    float low = kInfinite, high = -kInfinite;
    for (std::size_t i = 0; i < count; ++i) {
        const float for_low = valid[i] ? values[i] : kInfinite;
        const float for_high = valid[i] ? values[i] : -kInfinite;
        low = for_low < low ? for_low : low;
        high = for_high > high ? for_high : high;
    }
    m.minimum = static_cast<double>(low);
    m.maximum = static_cast<double>(high);
    return m;
}

void merge_band(BandMoments& a, const BandMoments& b) {
    if (b.count == 0) return;
    if (a.count == 0) {
        a = b;
        return;
    }
    const auto na = static_cast<double>(a.count), nb = static_cast<double>(b.count);
    const double delta = b.mean - a.mean;
    a.mean += delta * (nb / (na + nb));
    a.squares += b.squares + delta * delta * (na * nb / (na + nb));
    a.count += b.count;
    a.minimum = std::min(a.minimum, b.minimum);
    a.maximum = std::max(a.maximum, b.maximum);
}

void check_equal(std::size_t a, std::size_t b) {
    if (a != b)
        throw Error(Code::internal, "statistics of blocks with different numbers of bands cannot be merged");
}

}  // namespace

std::vector<BandMoments> moments_of(const Cube& cube) {
    std::uint64_t measured = 0;
    for (const auto v : cube.valid) measured += v != 0;
    std::vector<BandMoments> moments;
    for (int band = 0; band < cube.bands; ++band)
        moments.push_back(
            moments_of_band(cube.band(band).data(), cube.valid.data(), cube.pixels(), measured));
    return moments;
}

void merge(std::vector<BandMoments>& into, const std::vector<BandMoments>& block) {
    if (into.empty()) {
        into = block;
        return;
    }
    check_equal(into.size(), block.size());
    for (std::size_t band = 0; band < into.size(); ++band) merge_band(into[band], block[band]);
}

std::vector<BandStatistics> finish(const std::vector<BandMoments>& moments) {
    std::vector<BandStatistics> all;
    for (const auto& m : moments) {
        BandStatistics band;
        band.count = m.count;
        band.mean = m.mean;
        band.standard_deviation = m.count > 0 ? std::sqrt(m.squares / static_cast<double>(m.count)) : 0.0;
        band.minimum = m.minimum;
        band.maximum = m.maximum;
        all.push_back(std::move(band));
    }
    return all;
}

void count_values(const Cube& cube, std::vector<BandStatistics>& statistics) {
    check_equal(static_cast<std::size_t>(cube.bands), statistics.size());
    for (int b = 0; b < cube.bands; ++b) {
        auto& band = statistics[static_cast<std::size_t>(b)];
        band.histogram.resize(kHistogramBins);
        const double width = band.maximum - band.minimum;
        const double per_unit = width > 0 ? kHistogramBins / width : 0.0;
        const auto values = cube.band(b);
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (!cube.valid[i]) continue;
            const double place = (static_cast<double>(values[i]) - band.minimum) * per_unit;
            ++band.histogram[static_cast<std::size_t>(std::clamp(place, 0.0, kHistogramBins - 1.0))];
        }
    }
}

void merge_histograms(std::vector<BandStatistics>& into, const std::vector<BandStatistics>& block) {
    check_equal(into.size(), block.size());
    for (std::size_t band = 0; band < into.size(); ++band) {
        into[band].histogram.resize(kHistogramBins);
        for (std::size_t bin = 0; bin < block[band].histogram.size(); ++bin)
            into[band].histogram[bin] += block[band].histogram[bin];
    }
}

double percentile_of(const BandStatistics& band, double percent) {
    std::uint64_t total = 0;
    for (const auto count : band.histogram) total += count;
    if (total == 0) return 0;
    const double target = percent / 100.0 * static_cast<double>(total);
    const double width = (band.maximum - band.minimum) / kHistogramBins;
    double before = 0;
    for (std::size_t bin = 0; bin < band.histogram.size(); ++bin) {
        const auto inside = static_cast<double>(band.histogram[bin]);
        if (inside > 0 && before + inside >= target)
            return band.minimum + (static_cast<double>(bin) + (target - before) / inside) * width;
        before += inside;
    }
    return band.maximum;
}

}  // namespace spectile::prepare
