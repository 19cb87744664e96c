#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "spectile/data_type.hpp"
#include "spectile/scene.hpp"

namespace spectile {

/// The raw values that mean "no measurement", as the file's own type sees them: low <= raw <= high.
///
/// Integers equal one value; floats lie within two units in the last place of it, as GDAL's mask bands have
/// it.
struct NodataRule {
    bool present = false;  ///< False also where the declared value cannot occur in the type.
    double low = 0, high = 0;
    std::int64_t signed_value = 0;     ///< Of Int64 bands, exact.
    std::uint64_t unsigned_value = 0;  ///< Of UInt64 bands, exact.
    bool keep_nonfinite = false;       ///< NaN and infinities are values like any other (raw readers).
};

/// The rule for a declared value. NaN and infinities give no rule: such samples are never measured anyway.
/// Values that an integer type cannot hold (1.5, -1 of Byte) give no rule either.
NodataRule nodata_rule(DataType type, double value);

/// One band of a raster as its reader needs it.
struct SourceBand {
    DataType type = DataType::Float32;
    NodataRule nodata;
    bool own_mask = false;  ///< GDAL has a mask of this band alone (not nodata, not of the dataset).
};

/// How the samples of an uncompressed raw file lie, enough to read it by positional reads.
struct RawLayout {
    std::string path;
    std::int64_t header_offset = 0;
    std::int64_t samples = 0, lines = 0, bands = 0;
    DataType type = DataType::Float32;
    Interleave interleave = Interleave::band;
    bool swap_bytes = false;  ///< The file's byte order is not the machine's.

    /// Bytes the file must have.
    std::int64_t bytes() const {
        return header_offset + samples * lines * bands * static_cast<std::int64_t>(size_of(type));
    }
};

/// Where the blocks of an uncompressed file lie, enough to read it by positional reads.
struct BlockLayout {
    std::string path;
    DataType type = DataType::Float32;
    bool swap_bytes = false;  ///< The file's byte order is not the machine's.
    std::int64_t block_width = 0, block_height = 0;
    std::int64_t columns = 0, rows = 0;  ///< Of blocks.
    std::int64_t bands = 0;
    bool together = false;              ///< A block holds all bands of its pixels; else each band has blocks.
    std::vector<std::int64_t> offsets;  ///< [columns * rows], or that for each band.

    /// Samples of a pixel that lie side by side.
    std::int64_t samples() const { return together ? bands : 1; }
};

/// One raster of a scene: what its readers share. Const once made.
struct RasterSource {
    std::string name;  ///< For GDAL and for messages.
    std::vector<std::string> open_options;
    std::int64_t width = 0, height = 0;
    std::vector<SourceBand> bands;  ///< All of the file's, alpha included.
    Storage storage;
    std::optional<RawLayout> raw;       ///< Read by our own positional reads.
    std::optional<BlockLayout> blocks;  ///< The same, block by block.
    bool dataset_mask = false;  ///< GDAL has a mask band for all bands (internal, .msk, NODATA_VALUES).
    int alpha_band = 0;         ///< From 1; 0 where there is none.
    std::vector<std::string> remote_files;  ///< Those whose reads may fail for a moment and are tried again.
};

}  // namespace spectile
