#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace simulation {

/// Reflectance curves of materials, as smooth functions of the wavelength. Const after construction.
class Spectra {
public:
    /// Reads a CSV: `#` comments, one header row (wavelength_nm, name, ...), rows in rising wavelength.
    /// Throws spectile::Error{Code::missing} or {Code::scene} naming file and line.
    static Spectra read(const std::filesystem::path& csv);

    int count() const { return static_cast<int>(names_.size()); }
    const std::string& name(int material) const { return names_[material]; }
    /// Reflectance (0 to 1) of one material at a wavelength in nanometres, clamped to the ends of the table.
    double at(int material, double wavelength_nm) const;

private:
    std::vector<std::string> names_;
    std::vector<double> wavelengths_;
    std::vector<std::vector<double>> reflectance_;  ///< [material][row]
};

/// A band of the simulated sensor.
struct SensorBand {
    double wavelength_nm = 0;
    double fwhm_nm = 0;
    bool bad = false;  ///< In the water vapour band near 1350 nm, where little light arrives.
};

/// 224 bands like EnMAP's: 91 of a visible and near-infrared detector (419 to 993 nm) and 133 of a short-wave
/// infrared one (902 to 2446 nm, with gaps near 1400 and 1850 nm), in detector order, so that they overlap.
/// The centres come from two polynomials, within 1 nm of the sensor's nominal ones.
std::vector<SensorBand> enmap_like_bands();

}  // namespace simulation
