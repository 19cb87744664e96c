#pragma once

#include <cstddef>
#include <cstdint>

#include "raster/raster_source.hpp"

namespace spectile {

/// Samples as they lie in memory after a read.
struct Samples {
    const void* first = nullptr;  ///< Need not be aligned.
    std::ptrdiff_t stride = 1;    ///< Distance of neighbours, in samples.
    DataType type = DataType::Float32;
    bool swap_bytes = false;
};

/// Converts `count` samples to float32 and clears `valid` where a sample is nodata, NaN, infinite or beyond
/// float32.
///
/// The comparison with nodata is made in the file's own type; floats are equal to it within two units in the
/// last place, as GDAL's mask bands have it. Invalid samples that are not finite become 0. Throws nothing;
/// complex types are not accepted (Error{Code::internal}).
void convert_samples(const Samples& samples, std::size_t count, const NodataRule& nodata, float* values,
                     std::uint8_t* valid);

}  // namespace spectile
