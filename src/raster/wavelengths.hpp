#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spectile/scene.hpp"

namespace spectile {

/// What a wavelength's unit text means.
enum class WavelengthUnit {
    nanometre,
    micrometre,
    millimetre,
    centimetre,
    metre,
    angstrom,
    wavenumber,
    index,
    unknown
};

/// "Micrometers", "um", "µm", "nm", "Nanometer", "wavenumber", "Index", "Unknown", "": any case.
WavelengthUnit wavelength_unit_of(std::string_view text);

/// Converts to nanometres. An unknown unit is guessed from the magnitudes (below 100: micrometres) and a
/// warning is added; `index` gives an empty list, since the numbers are no wavelengths. Throws nothing.
std::vector<double> to_nanometres(std::vector<double> values, std::string_view unit,
                                  const std::string& source, std::vector<std::string>& warnings);

/// Widths (FWHM) to nanometres, in the unit that the centre wavelengths turned out to have. A width in
/// wavenumbers depends on its centre `at`.
std::vector<double> widths_to_nanometres(std::vector<double> widths, const std::vector<double>& centres_raw,
                                         const std::vector<double>& centres_nm);

/// One band of a wavelength file.
struct BandSpectrum {
    double wavelength_nm = 0;
    std::optional<double> fwhm_nm = {};
    std::optional<bool> bad = {};
    std::optional<double> scale = {}, offset = {};
};

/// Reads a list of wavelengths: text or CSV (with or without a header row), an ENVI header, EnMAP's
/// METADATA.XML, PRISMA's metadata XML, or another XML with one wavelength element per band.
///
/// Order is the file's. Throws Error{Code::missing}; Error{Code::scene} naming the file where it holds no
/// wavelengths.
std::vector<BandSpectrum> read_wavelengths_file(const std::string& path, std::vector<std::string>& warnings);

}  // namespace spectile
