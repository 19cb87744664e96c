#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "raster/source_reader.hpp"

namespace spectile {

/// Takes pixels whose bands lie side by side apart, into planes of float32. Belongs to one thread at a time.
class PixelConversion {
public:
    struct Layout {
        DataType type = DataType::Float32;
        bool swap_bytes = false;
        std::int64_t samples = 0;  ///< Of a pixel.
    };
    PixelConversion(const RasterSource& source, const Layout& layout) : source_(source), layout_(layout) {}

    /// `count` pixels from `first` on; of each the `bands`, into the target's planes from place `at` on.
    struct Run {
        const unsigned char* first = nullptr;
        std::int64_t count = 0;
        std::int64_t at = 0;
    };
    void convert(const Run& run, std::span<const int> bands, const ReadTarget& target);

private:
    void convert_some(const Run& run, std::span<const int> bands, const ReadTarget& target);

    const RasterSource& source_;
    Layout layout_;
    std::vector<unsigned char> planes_;  ///< [samples][pixels], as they are in the file.
};

}  // namespace spectile
