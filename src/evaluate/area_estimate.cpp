#include "evaluate/area_estimate.hpp"

#include <cmath>

namespace spectile::evaluate {
namespace {

/// One class of the map: its samples by true class, and its weight.
struct Stratum {
    std::vector<double> samples;
    double count = 0, mapped = 0, weight = 0;

    double share(std::size_t truth) const { return count > 0 ? samples[truth] / count : 0; }
    /// Variance of the share of samples that are of one class, with n - 1 as in equations 5 to 10.
    double variance(std::size_t truth) const { return share(truth) * (1 - share(truth)) / (count - 1); }
};

std::vector<Stratum> strata_of(const Accuracy& a, const std::map<int, double>& mapped) {
    std::vector<Stratum> strata(a.per_class.size());
    for (std::size_t map = 0; map < strata.size(); ++map) {
        auto& stratum = strata[map];
        for (std::size_t truth = 0; truth < strata.size(); ++truth) {
            stratum.samples.push_back(static_cast<double>(a.confusion[truth][map]));
            stratum.count += stratum.samples.back();
        }
        const auto found = mapped.find(a.per_class[map].value);
        stratum.mapped = found == mapped.end() ? 0 : found->second;
    }
    return strata;
}

/// Sum over the sampled strata of weight^2 times the variance of the share of `truth`; none where it is not
/// known.
std::optional<double> share_variance(const std::vector<Stratum>& strata, std::size_t truth) {
    double sum = 0;
    for (const auto& stratum : strata) {
        if (stratum.weight == 0) continue;
        if (stratum.count < 2) return std::nullopt;
        sum += stratum.weight * stratum.weight * stratum.variance(truth);
    }
    return sum;
}

std::optional<double> root(const std::optional<double>& variance) {
    return variance ? std::optional(std::sqrt(*variance)) : std::nullopt;
}

Estimate overall_of(const std::vector<Stratum>& strata) {
    Estimate overall;
    double variance = 0;
    bool known = true;
    for (std::size_t i = 0; i < strata.size(); ++i) {
        const auto& s = strata[i];
        overall.value += s.weight * s.share(i);
        if (s.weight == 0) continue;
        known = known && s.count >= 2;
        if (known) variance += s.weight * s.weight * s.variance(i);
    }
    if (known) overall.error = std::sqrt(variance);
    return overall;
}

double true_share(const std::vector<Stratum>& strata, std::size_t truth) {
    double share = 0;
    for (const auto& s : strata) share += s.weight * s.share(truth);
    return share;
}

/// Equation 7, divided through by the total area.
std::optional<double> producers_variance(const std::vector<Stratum>& strata, std::size_t truth) {
    const double share = true_share(strata, truth);
    const double producers = strata[truth].weight * strata[truth].share(truth) / share;
    double sum = 0;
    for (std::size_t i = 0; i < strata.size(); ++i) {
        const auto& s = strata[i];
        if (s.weight == 0) continue;
        if (s.count < 2) return std::nullopt;
        const double factor = i == truth ? 1 - producers : producers;
        sum += s.weight * s.weight * factor * factor * s.variance(truth);
    }
    return sum / (share * share);
}

}  // namespace

AreaEstimate estimate_areas(const Confusion& confusion, const std::map<int, double>& mapped,
                            const std::string& unit) {
    const Accuracy a = confusion.accuracy();
    auto strata = strata_of(a, mapped);
    AreaEstimate estimate;
    estimate.unit = unit;
    double everything = 0;
    for (const auto& [value, area] : mapped) everything += area;
    for (const auto& s : strata)
        if (s.count > 0) estimate.area += s.mapped;
    estimate.unsampled = everything - estimate.area;
    for (auto& s : strata) s.weight = s.count > 0 && estimate.area > 0 ? s.mapped / estimate.area : 0;
    estimate.overall = overall_of(strata);
    for (std::size_t i = 0; i < strata.size(); ++i) {
        const auto& s = strata[i];
        ClassEstimate c{.value = a.per_class[i].value,
                        .name = a.per_class[i].name,
                        .mapped = s.mapped,
                        .users = std::nullopt,
                        .producers = std::nullopt,
                        .area = {}};
        if (s.count > 0)
            c.users = {s.share(i), s.count > 1 ? std::optional(std::sqrt(s.variance(i))) : std::nullopt};
        const double share = true_share(strata, i);
        if (share > 0) c.producers = {s.weight * s.share(i) / share, root(producers_variance(strata, i))};
        c.area.value = estimate.area * share;
        if (const auto variance = share_variance(strata, i))
            c.area.error = estimate.area * std::sqrt(*variance);
        estimate.per_class.push_back(std::move(c));
    }
    return estimate;
}

}  // namespace spectile::evaluate
