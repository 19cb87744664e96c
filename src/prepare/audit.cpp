#include "prepare/audit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "spectile/error.hpp"

namespace spectile::prepare {
namespace {

constexpr double kRatio = 8;  // units differ by powers of ten; scenes of one kind by less than this
constexpr double kDeviations = 6;
constexpr double kMostNodata = 0.5;
constexpr double kMostOutside = 0.01;

double rank(const std::vector<float>& sorted, double share) {
    return static_cast<double>(
        sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))]);
}

std::vector<float> sorted_values(std::span<const Cube> samples, int band) {
    std::vector<float> values;
    for (const auto& cube : samples) {
        const auto plane = cube.band(band);
        for (std::size_t i = 0; i < plane.size(); ++i)
            if (cube.valid[i]) values.push_back(plane[i]);
    }
    std::sort(values.begin(), values.end());
    return values;
}

double nodata_share(std::span<const Cube> samples) {
    std::size_t invalid = 0, pixels = 0;
    for (const auto& cube : samples) {
        pixels += cube.valid.size();
        invalid +=
            static_cast<std::size_t>(std::count(cube.valid.begin(), cube.valid.end(), std::uint8_t{0}));
    }
    return pixels == 0 ? 1.0 : static_cast<double>(invalid) / static_cast<double>(pixels);
}

/// A band's sample against the card's numbers.
struct Comparison {
    double median_ratio, bright_ratio, deviations;
};

AuditRow row_of(const std::vector<float>& sorted) {
    AuditRow row;
    row.minimum = static_cast<double>(sorted.front());
    row.maximum = static_cast<double>(sorted.back());
    row.median = rank(sorted, 0.5);
    row.dead = sorted.size() > 1 && sorted.front() == sorted.back();
    return row;
}

Comparison compare(AuditRow& row, const std::vector<float>& sorted, double mean, double deviation) {
    row.expected_mean = mean;
    row.expected_deviation = deviation;
    const auto low =
        std::lower_bound(sorted.begin(), sorted.end(), static_cast<float>(mean - kDeviations * deviation));
    const auto high =
        std::upper_bound(sorted.begin(), sorted.end(), static_cast<float>(mean + kDeviations * deviation));
    row.outside = 1 - static_cast<double>(high - low) / static_cast<double>(sorted.size());
    return {row.median / mean, rank(sorted, 0.99) / mean, (row.median - mean) / deviation};
}

double median_of(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

/// Throws where the bands as a whole are in other units.
void check_units(const std::string& scene, const Chain& chain, const ModelCard& card,
                 const AuditReport& report, const std::vector<Comparison>& comparisons) {
    if (comparisons.empty()) return;
    const auto over = [&](double Comparison::*member) {
        std::vector<double> values;
        for (const auto& c : comparisons) values.push_back(c.*member);
        return median_of(values);
    };
    const double ratio = over(&Comparison::median_ratio);
    const bool large = ratio > kRatio && over(&Comparison::deviations) > kDeviations;
    const bool small = ratio < 1 / kRatio && over(&Comparison::bright_ratio) < 1 / kRatio;
    if (!large && !small) return;
    std::vector<double> medians, means;
    for (const auto& row : report.rows) {
        medians.push_back(row.median);
        means.push_back(*row.expected_mean);
    }
    const double bright = large ? ratio : over(&Comparison::bright_ratio);
    const double power = bright > 0 ? std::pow(10.0, -std::round(std::log10(bright))) : 1.0;
    const double scale = chain.bands_read().front().scale * power;
    const std::string remedy = bright > 0 ? fmt::format("give scene: {{scale: {:.6g}}}", scale)
                                          : std::string("give scene: {scale: ..., offset: ...}");
    const std::string quantity = card.quantity.empty() ? "" : " (" + card.quantity + ")";
    throw WrongUnits(
        fmt::format("{}: values after scaling have median {:.4g}, the model expects about {:.4g}{}; {}",
                    scene, median_of(medians), median_of(means), quantity, remedy),
        bright > 0 ? scale : 0);
}

void add_warnings(const std::string& scene, AuditReport& report) {
    if (report.nodata > kMostNodata)
        report.warnings.push_back(
            fmt::format("{}: {:.0f} % of the sampled pixels are nodata", scene, 100 * report.nodata));
    std::string dead;
    std::size_t outside = 0;
    for (const auto& row : report.rows) {
        if (row.dead) dead += (dead.empty() ? "" : ", ") + row.band;
        outside += row.outside > kMostOutside;
    }
    if (!dead.empty())
        report.warnings.push_back(fmt::format("{}: one value in every sampled pixel of {}", scene, dead));
    if (outside > 0)
        report.warnings.push_back(
            fmt::format("{}: {} of {} bands have more than {:.0f} % of values beyond mean +- {:.0f} std of "
                        "the model's training data",
                        scene, outside, report.rows.size(), 100 * kMostOutside, kDeviations));
}

}  // namespace

AuditReport audit(const std::string& scene, const Chain& chain, const ModelCard& card,
                  std::span<Cube> samples) {
    const auto standard = chain.card_standard();
    const std::size_t links = chain.links().size();
    std::size_t place = standard ? standard->step : links > 0 ? links - 1 : 0;
    if (const auto waiting = chain.next_statistics_step(); waiting && *waiting < place) place = *waiting;
    const bool compared = standard && place == standard->step;
    for (auto& cube : samples) chain.apply_prefix(cube, place);

    AuditReport report;
    report.nodata = nodata_share(samples);
    std::vector<Comparison> comparisons;
    const auto& bands = links > 0 ? chain.links()[place].entering : chain.bands();
    for (std::size_t band = 0; report.nodata < 1 && band < bands.size(); ++band) {
        const auto sorted = sorted_values(samples, static_cast<int>(band));
        AuditRow row = row_of(sorted);
        row.band = bands[band].number > 0 ? fmt::format("band {}", bands[band].number) : bands[band].name;
        if (compared) {
            const auto c = compare(row, sorted, standard->mean[band], standard->standard_deviation[band]);
            if (standard->mean[band] > 0.1 * standard->standard_deviation[band]) comparisons.push_back(c);
        }
        report.rows.push_back(std::move(row));
    }
    check_units(scene, chain, card, report, comparisons);
    add_warnings(scene, report);
    return report;
}

}  // namespace spectile::prepare
