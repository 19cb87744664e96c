#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

namespace spectile::test {

/// Size and form of a small ENVI file made by a test.
struct EnviFile {
    std::int64_t width = 0, height = 0;
    int bands = 1;
    int data_type = 12;             ///< ENVI's number; 12 = UInt16, 4 = Float32.
    std::string more_header_lines;  ///< wavelength = {...} and the like, each ended by a line break.
};

/// Writes PATH (BSQ) and PATH's header; `value(band, y, x)` gives the pixels, cast to `T`, which must fit
/// data_type.
template <typename T>
void write_envi(const std::string& path, const EnviFile& file,
                const std::function<double(int band, std::int64_t y, std::int64_t x)>& value) {
    std::ofstream data(path, std::ios::binary);
    for (int band = 0; band < file.bands; ++band)
        for (std::int64_t y = 0; y < file.height; ++y) {
            std::vector<T> line(static_cast<std::size_t>(file.width));
            for (std::int64_t x = 0; x < file.width; ++x)
                line[static_cast<std::size_t>(x)] = static_cast<T>(value(band, y, x));
            data.write(reinterpret_cast<const char*>(line.data()),
                       static_cast<std::streamsize>(line.size() * sizeof(T)));
        }
    std::ofstream header(std::filesystem::path(path).replace_extension(".hdr"));
    header << "ENVI\nsamples = " << file.width << "\nlines = " << file.height << "\nbands = " << file.bands
           << "\nheader offset = 0\nfile type = ENVI Standard\ndata type = " << file.data_type
           << "\ninterleave = bsq\nbyte order = 0\n"
           << "map info = {UTM, 1, 1, 364095.0, 5809965.0, 30, 30, 33, North, WGS-84, units=Meters}\n"
           << file.more_header_lines;
}

}  // namespace spectile::test
