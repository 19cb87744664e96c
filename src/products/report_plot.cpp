#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "products/report_sections.hpp"

namespace spectile::products {
namespace {

constexpr double kPlotLeft = 90, kPlotRight = 985, kWantedY = 30, kFoundY = 74, kZeroY = 150, kReach = 44;

struct Scale {
    double low = 0, high = 1;
    double operator()(double nm) const {
        return kPlotLeft + (nm - low) / (high - low) * (kPlotRight - kPlotLeft);
    }
};

/// A step of 1, 2 or 5 times a power of ten that gives about eight marks.
double step_of(double range) {
    const double rough = range / 8, power = std::pow(10, std::floor(std::log10(rough)));
    for (const double factor : {1.0, 2.0, 5.0})
        if (rough <= factor * power) return factor * power;
    return 10 * power;
}

std::string axis(const Scale& scale) {
    std::string svg = fmt::format(R"(<line class="axis" x1="{}" x2="{}" y1="{}" y2="{}"/>)", kPlotLeft,
                                  kPlotRight, kZeroY, kZeroY);
    const double step = step_of(scale.high - scale.low);
    for (double nm = std::ceil(scale.low / step) * step; nm <= scale.high; nm += step)
        svg += fmt::format(
            R"(<line class="axis" x1="{0:.1f}" x2="{0:.1f}" y1="16" y2="{1}"/><text x="{0:.1f}" y="{2}" text-anchor="middle">{3:g}</text>)",
            scale(nm), kZeroY + kReach, kZeroY + kReach + 16, nm);
    return svg + fmt::format(R"(<text x="0" y="{}">Wavelength, nm</text>)", kZeroY + kReach + 16);
}

}  // namespace

std::string band_plot(const std::vector<ReportBand>& bands) {
    std::vector<std::pair<double, double>> pairs;
    for (const auto& band : bands)
        if (band.wanted_nm && band.found_nm) pairs.emplace_back(*band.wanted_nm, *band.found_nm);
    if (pairs.empty()) return "";
    Scale scale{pairs.front().first, pairs.front().first};
    double worst = 0;
    for (const auto& [wanted, found] : pairs) {
        scale.low = std::min({scale.low, wanted, found});
        scale.high = std::max({scale.high, wanted, found});
        worst = std::max(worst, std::abs(found - wanted));
    }
    const double rim = std::max(5.0, 0.02 * (scale.high - scale.low));
    scale.low -= rim;
    scale.high += rim;
    std::string marks;
    for (const auto& [wanted, found] : pairs) {
        const double offset = worst > 0 ? (found - wanted) / worst * kReach : 0;
        marks += fmt::format(
            R"(<line class="link" x1="{0:.1f}" y1="{2}" x2="{1:.1f}" y2="{3}"/><circle class="wanted" cx="{0:.1f}" cy="{2}" r="2.6"/><circle class="found" cx="{1:.1f}" cy="{3}" r="2.6"/><line class="found" x1="{0:.1f}" x2="{0:.1f}" y1="{4}" y2="{5:.1f}"/>)",
            scale(wanted), scale(found), kWantedY, kFoundY, kZeroY, kZeroY - offset);
    }
    return fmt::format(
        R"(<div class="scroll"><svg class="plot" viewBox="0 0 1000 216" role="img" aria-label="Wavelengths that the model expects and the scene gives">{}<text x="0" y="{}">Model</text><text x="0" y="{}">Scene</text><text x="0" y="{}">Difference</text><text x="0" y="{}">up to {:.1f} nm</text>{}</svg></div>)",
        axis(scale), kWantedY + 4, kFoundY + 4, kZeroY - 2, kZeroY + 14, worst, marks);
}

}  // namespace spectile::products
