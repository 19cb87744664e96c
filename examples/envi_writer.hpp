#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>

namespace simulation {

enum class Interleave { bsq, bil, bip };

/// Writes a raw ENVI raster (FILE.dat with FILE.hdr) row by row, in any order of rows. Little-endian.
class EnviWriter {
public:
    /// `header` is everything that is not size or layout: lines that end in a line feed.
    /// Throws spectile::Error{Code::publish} where the files cannot be made.
    EnviWriter(const std::filesystem::path& stem, int width, int height, int bands, int data_type,
               Interleave interleave, const std::string& header);

    /// One row of all bands, band-major: samples[band * width + col].
    void write_row(int row, std::span<const std::int16_t> samples);
    void write_row(int row, std::span<const std::uint8_t> samples);
    /// Flushes. Throws spectile::Error{Code::write} if anything was not written.
    void close();

private:
    template <typename Sample>
    void write(int row, std::span<const Sample> samples);

    std::filesystem::path file_;
    std::ofstream out_;
    int width_, height_, bands_;
    Interleave interleave_;
};

}  // namespace simulation
