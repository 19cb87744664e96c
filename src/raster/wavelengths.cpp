#include "raster/wavelengths.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>

namespace spectile {
namespace {

/// Micrometres of the optical range stay below this, nanometres above.
constexpr double kMicrometresBelow = 100.0;

double nanometres_per(WavelengthUnit unit) {
    switch (unit) {
        case WavelengthUnit::micrometre:
            return 1e3;
        case WavelengthUnit::millimetre:
            return 1e6;
        case WavelengthUnit::centimetre:
            return 1e7;
        case WavelengthUnit::metre:
            return 1e9;
        case WavelengthUnit::angstrom:
            return 0.1;
        default:
            return 1.0;
    }
}

WavelengthUnit guess(const std::vector<double>& values) {
    std::vector<double> positive;
    for (const double value : values)
        if (value > 0) positive.push_back(value);
    if (positive.empty()) return WavelengthUnit::nanometre;
    std::nth_element(positive.begin(), positive.begin() + positive.size() / 2, positive.end());
    return positive[positive.size() / 2] < kMicrometresBelow ? WavelengthUnit::micrometre
                                                             : WavelengthUnit::nanometre;
}

}  // namespace

WavelengthUnit wavelength_unit_of(std::string_view text) {
    std::string word;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (!std::isspace(byte) && c != '(' && c != ')' && c != '_' && c != '{' && c != '}')
            word += static_cast<char>(std::tolower(byte));
    }
    const auto begins = [&](const char* start) { return word.starts_with(start); };
    if (begins("nanom") || word == "nm") return WavelengthUnit::nanometre;
    if (begins("microm") || begins("micron") || word == "um" || word == "\xC2\xB5m" || word == "\xCE\xBCm" ||
        word == "\xB5m")
        return WavelengthUnit::micrometre;
    if (begins("millim") || word == "mm") return WavelengthUnit::millimetre;
    if (begins("centim") || word == "cm") return WavelengthUnit::centimetre;
    if (begins("meter") || begins("metre") || word == "m") return WavelengthUnit::metre;
    if (begins("angstr")) return WavelengthUnit::angstrom;
    if (begins("wavenumber") || word == "cm-1" || word == "1/cm") return WavelengthUnit::wavenumber;
    if (begins("index")) return WavelengthUnit::index;
    return WavelengthUnit::unknown;
}

std::vector<double> to_nanometres(std::vector<double> values, std::string_view unit_text,
                                  const std::string& source, std::vector<std::string>& warnings) {
    WavelengthUnit unit = wavelength_unit_of(unit_text);
    if (values.empty() || unit == WavelengthUnit::index) return {};
    if (unit == WavelengthUnit::unknown) {
        unit = guess(values);
        warnings.push_back(source + ": wavelength unit '" + std::string(unit_text) +
                           "' is not known; taken as " +
                           (unit == WavelengthUnit::micrometre ? "micrometres" : "nanometres") +
                           " by the size of the numbers");
    }
    if (unit == WavelengthUnit::nanometre) return values;
    for (double& value : values) {
        if (unit == WavelengthUnit::wavenumber)
            value = value > 0 ? 1e7 / value : 0;
        else if (unit == WavelengthUnit::angstrom)
            value /= 10.0;
        else  // Rounded to a millionth of a nanometre, so that 0.665 µm is 665 nm and not its neighbour.
            value = std::round(value * nanometres_per(unit) * 1e6) / 1e6;
    }
    return values;
}

std::vector<double> widths_to_nanometres(std::vector<double> widths, const std::vector<double>& centres_raw,
                                         const std::vector<double>& centres_nm) {
    if (widths.size() != centres_raw.size() || widths.size() != centres_nm.size()) return {};
    for (std::size_t band = 0; band < widths.size(); ++band) {
        const double raw = centres_raw[band], nm = centres_nm[band];
        if (raw == nm || raw == 0) continue;
        const bool wavenumber = raw > 0 && nm > 0 && std::abs(raw * nm / 1e7 - 1) < 1e-9;
        const double factor = wavenumber ? nm * nm / 1e7 : nm / raw;
        widths[band] = std::round(widths[band] * factor * 1e6) / 1e6;
    }
    return widths;
}

}  // namespace spectile
