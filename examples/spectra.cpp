#include "spectra.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include "spectile/error.hpp"

namespace simulation {
namespace {

std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> cells;
    std::istringstream in(line);
    for (std::string cell; std::getline(in, cell, ',');) cells.push_back(cell);
    return cells;
}

/// Slope at row `i` for monotone cubic interpolation (Fritsch and Butland, SIAM J. Sci. Stat. Comput. 5,
/// 1984).
double slope(const std::vector<double>& x, const std::vector<double>& y, std::size_t i) {
    if (i == 0 || i + 1 == x.size()) return 0;
    const double h0 = x[i] - x[i - 1], h1 = x[i + 1] - x[i];
    const double d0 = (y[i] - y[i - 1]) / h0, d1 = (y[i + 1] - y[i]) / h1;
    if (d0 * d1 <= 0) return 0;
    const double a = (h0 + 2 * h1) / (3 * (h0 + h1));
    return d0 * d1 / (a * d1 + (1 - a) * d0);
}

double polynomial(const double (&c)[6], double t) {
    return c[0] + t * (c[1] + t * (c[2] + t * (c[3] + t * (c[4] + t * c[5]))));
}

}  // namespace

Spectra Spectra::read(const std::filesystem::path& csv) {
    std::ifstream in(csv);
    if (!in)
        throw spectile::Error(spectile::Code::missing,
                              csv.string() + ": cannot be opened; name it with --spectra");
    Spectra spectra;
    std::string line;
    for (int number = 1; std::getline(in, line); ++number) {
        if (line.empty() || line.front() == '#') continue;
        const auto cells = split(line);
        if (spectra.names_.empty()) {
            spectra.names_.assign(cells.begin() + 1, cells.end());
            spectra.reflectance_.resize(spectra.names_.size());
            continue;
        }
        if (cells.size() != spectra.names_.size() + 1)
            throw spectile::Error(spectile::Code::scene, csv.string() + ":" + std::to_string(number) + ": " +
                                                             std::to_string(cells.size()) +
                                                             " cells instead of " +
                                                             std::to_string(spectra.names_.size() + 1));
        spectra.wavelengths_.push_back(std::stod(cells[0]));
        for (std::size_t m = 0; m < spectra.names_.size(); ++m)
            spectra.reflectance_[m].push_back(std::stod(cells[m + 1]));
    }
    if (spectra.wavelengths_.size() < 2)
        throw spectile::Error(spectile::Code::scene,
                              csv.string() + ": at least two rows of reflectance are needed");
    return spectra;
}

double Spectra::at(int material, double wavelength_nm) const {
    const auto& x = wavelengths_;
    const auto& y = reflectance_[material];
    if (wavelength_nm <= x.front()) return y.front();
    if (wavelength_nm >= x.back()) return y.back();
    const std::size_t i = std::upper_bound(x.begin(), x.end(), wavelength_nm) - x.begin() - 1;
    const double h = x[i + 1] - x[i], t = (wavelength_nm - x[i]) / h;
    const double m0 = slope(x, y, i) * h, m1 = slope(x, y, i + 1) * h;
    const double t2 = t * t, t3 = t2 * t;
    return (2 * t3 - 3 * t2 + 1) * y[i] + (t3 - 2 * t2 + t) * m0 + (3 * t2 - 2 * t3) * y[i + 1] +
           (t3 - t2) * m1;
}

std::vector<SensorBand> enmap_like_bands() {
    constexpr double kNear[6] = {419, 471, -358, 1047, -772, 186};
    constexpr double kShort[6] = {902, 1457, 2066, -4631, 3832, -1181};
    std::vector<SensorBand> bands;
    for (int i = 0; i <= 90; ++i) {
        const double t = i / 90.0;
        bands.push_back({polynomial(kNear, t), 6.0 + 4.6 * t * t, false});
    }
    for (int i = 0; i <= 154; ++i) {
        // The detector's rows in the two water vapour bands are not delivered.
        if ((i > 43 && i < 49) || (i > 76 && i < 94)) continue;
        const double t = i / 154.0;
        const double wavelength = polynomial(kShort, t);
        bands.push_back({wavelength, 11.4 - 3.9 * t, wavelength > 1325 && wavelength < 1400});
    }
    return bands;
}

}  // namespace simulation
