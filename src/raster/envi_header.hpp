#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spectile/data_type.hpp"
#include "spectile/scene.hpp"

namespace spectile {

/// What an ENVI header says, read tolerantly: any case, CRLF, comments, lists over lines, known misspellings.
///
/// Every guess is a warning. No GDAL in here, so that it can be fuzzed on its own.
struct EnviHeader {
    /// Keys lower case, single blanks; values trimmed, braces kept.
    std::map<std::string, std::string> items;
    std::vector<std::string> warnings;

    std::int64_t samples = 0, lines = 0, bands = 0;
    std::int64_t header_offset = 0;
    int data_type = 0;  ///< ENVI's number; 0 where absent.
    bool big_endian = false;
    bool file_compression = false;
    std::optional<Interleave> interleave;

    std::vector<double> wavelengths;  ///< As written, in `wavelength_units`.
    std::vector<double> fwhm;
    std::string wavelength_units;
    std::vector<int> bbl;  ///< 1 = good, 0 = bad.
    std::optional<double> reflectance_scale_factor;
    std::vector<double> gains, offsets;
    std::optional<double> ignore_value;
    std::vector<std::string> band_names;  ///< A comma inside a name splits it; a wrong count is a warning.

    const std::string* find(const std::string& key) const;
};

/// Throws nothing for odd content: what cannot be used is a warning. `text` need not begin with "ENVI".
EnviHeader parse_envi_header(std::string_view text);

/// The same from keys and values, as GDAL's ENVI metadata domain has them (blanks written as `_`).
EnviHeader envi_header_of(const std::map<std::string, std::string>& items);

/// The pixel type of ENVI's number; empty where unknown. 6 and 9 are complex.
std::optional<DataType> envi_data_type(int number);

/// Numbers of "{1, 2, 3}", separated by commas, blanks or semicolons. Empty where a word is no number.
std::optional<std::vector<double>> parse_numbers(std::string_view text);

}  // namespace spectile
