#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "raster/raster_source.hpp"
#include "spectile/window.hpp"

namespace spectile {

/// Where a read puts its pixels: one float32 plane [rows, cols] per band asked for, and the validity they
/// share.
struct ReadTarget {
    std::span<float* const> planes;
    std::uint8_t* valid = nullptr;  ///< Cleared where any band is not measured; never set.
};

/// Reads windows of one raster. Belongs to one thread at a time.
class SourceReader {
public:
    virtual ~SourceReader() = default;
    /// `bands` from 0, in the file's order; `window` lies within the raster.
    /// Throws Error{Code::read} naming file, band and window.
    virtual void read(const Window& window, std::span<const int> bands, const ReadTarget& target) = 0;
};

/// By positional reads where `source.raw` or `source.blocks` is set, else through GDAL. `source` must outlive
/// the reader.
std::unique_ptr<SourceReader> make_source_reader(const RasterSource& source);

/// Always through GDAL; for masks, and for comparison in tests.
std::unique_ptr<SourceReader> make_gdal_reader(const RasterSource& source);

}  // namespace spectile
