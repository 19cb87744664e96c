#include "raster/pixel_conversion.hpp"

#include <algorithm>

#include "kernels/transpose_samples.hpp"
#include "raster/sample_conversion.hpp"

namespace spectile {
namespace {

/// Pixels taken apart together: 200 bands of two bytes stay in the second-level cache, and a band's plane is
/// written a kilobyte at a time (a quarter of that was half as fast: each piece lies on another page).
constexpr std::int64_t kTogether = 256;

}  // namespace

void PixelConversion::convert(const Run& run, std::span<const int> bands, const ReadTarget& target) {
    const auto pixel = layout_.samples * static_cast<std::int64_t>(size_of(layout_.type));
    for (std::int64_t done = 0; done < run.count; done += kTogether)
        convert_some({run.first + done * pixel, std::min(kTogether, run.count - done), run.at + done}, bands,
                     target);
}

void PixelConversion::convert_some(const Run& run, std::span<const int> bands, const ReadTarget& target) {
    const auto size = static_cast<std::int64_t>(size_of(layout_.type));
    // Where half of the bands are wanted, all are brought into planes, whose samples are converted side by
    // side.
    const bool whole =
        static_cast<std::int64_t>(bands.size()) * 2 >= layout_.samples && (size == 2 || size == 4);
    if (whole) {
        planes_.resize(static_cast<std::size_t>(layout_.samples * kTogether * size));
        kernels::transpose_samples(
            {run.first, static_cast<std::size_t>(run.count), static_cast<std::size_t>(layout_.samples),
             static_cast<std::size_t>(size)},
            planes_.data(), kTogether);
    }
    for (std::size_t i = 0; i < bands.size(); ++i) {
        const Samples samples =
            whole ? Samples{planes_.data() + bands[i] * kTogether * size, 1, layout_.type, layout_.swap_bytes}
                  : Samples{run.first + bands[i] * size, static_cast<std::ptrdiff_t>(layout_.samples),
                            layout_.type, layout_.swap_bytes};
        convert_samples(samples, static_cast<std::size_t>(run.count),
                        source_.bands[static_cast<std::size_t>(bands[i])].nodata, target.planes[i] + run.at,
                        target.valid + run.at);
    }
}

}  // namespace spectile
