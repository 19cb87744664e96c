#include "evaluate/detection.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "products/components.hpp"

namespace spectile::evaluate {
namespace {

using products::Component;
using products::Components;
using products::components_of;

constexpr double kMillion = 1e6;
constexpr double kMatchDistance = 3;  ///< Pixels, between centroids; less than this matches.

double ratio(std::int64_t part, std::int64_t whole) {
    return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

bool near(const Component& a, const Component& b) {
    return std::hypot(a.row - b.row, a.col - b.col) < kMatchDistance;
}

/// Which predicted components some target takes.
std::vector<bool> matches_of(const Components& predicted, const Components& truth) {
    std::vector<bool> taken(predicted.list.size());
    for (const auto& target : truth.list)
        for (std::size_t i = 0; i < taken.size(); ++i)
            if (!taken[i] && near(predicted.list[i], target)) {
                taken[i] = true;
                break;
            }
    return taken;
}

}  // namespace

double Detection::iou() const { return ratio(intersection, united); }
double Detection::niou() const { return images > 0 ? iou_sum / static_cast<double>(images) : 0; }
double Detection::pd() const {
    return targets > 0 ? ratio(matched, targets) : std::numeric_limits<double>::quiet_NaN();
}
double Detection::fa() const { return kMillion * ratio(false_pixels, pixels); }
double Detection::legacy_fa() const { return kMillion * ratio(legacy_false_pixels, pixels); }

void Detection::add(const Detection& other) {
    images += other.images;
    pixels += other.pixels;
    intersection += other.intersection;
    united += other.united;
    iou_sum += other.iou_sum;
    empty_images += other.empty_images;
    targets += other.targets;
    matched += other.matched;
    false_pixels += other.false_pixels;
    legacy_false_pixels += other.legacy_false_pixels;
}

Detection measure(std::span<const std::uint8_t> predicted, std::span<const std::uint8_t> truth,
                  std::int64_t cols) {
    Detection out;
    out.images = 1;
    out.pixels = static_cast<std::int64_t>(truth.size());
    for (std::size_t i = 0; i < truth.size(); ++i) {
        out.intersection += predicted[i] != 0 && truth[i] != 0;
        out.united += predicted[i] != 0 || truth[i] != 0;
    }
    out.iou_sum = ratio(out.intersection, out.united);
    out.empty_images = out.united == 0;
    const auto found = components_of(predicted, cols), targets = components_of(truth, cols);
    const auto taken = matches_of(found, targets);
    out.targets = static_cast<std::int64_t>(targets.list.size());
    std::set<std::int64_t> matched_areas;
    for (std::size_t i = 0; i < taken.size(); ++i)
        if (taken[i]) {
            ++out.matched;
            matched_areas.insert(found.list[i].area);
        }
    for (std::size_t i = 0; i < taken.size(); ++i) {
        const auto area = found.list[i].area;
        if (!taken[i]) out.false_pixels += area;
        if (!matched_areas.contains(area)) out.legacy_false_pixels += area;
    }
    return out;
}

std::string to_json(const Detection& d) {
    nlohmann::ordered_json json = {{"iou", d.iou()}, {"niou", d.niou()}};
    json["pd"] = d.targets > 0 ? nlohmann::ordered_json(d.pd()) : nlohmann::ordered_json();
    json["fa"] = d.fa();
    json["targets"] = d.targets;
    json["images"] = d.images;
    json["matched"] = d.matched;
    json["legacy_fa"] = d.legacy_fa();
    json["empty_images"] = d.empty_images;
    json["pixels"] = d.pixels;
    return json.dump();
}

Roc::Roc(int steps)
    : positive_(static_cast<std::size_t>(steps) + 2), negative_(static_cast<std::size_t>(steps) + 2) {}

void Roc::add(std::span<const float> scores, std::span<const std::uint8_t> truth) {
    const auto last = static_cast<double>(positive_.size() - 1);
    for (std::size_t i = 0; i < scores.size(); ++i) {
        // The smallest k with score <= k / steps.
        const double first_unmarked = std::ceil(static_cast<double>(scores[i]) * (last - 1));
        const auto k = static_cast<std::size_t>(std::clamp(first_unmarked, 0.0, last));
        ++(truth[i] != 0 ? positive_ : negative_)[k];
    }
}

std::vector<Roc::Point> Roc::points() const {
    const auto total = [](const std::vector<std::int64_t>& counts) {
        std::int64_t sum = 0;
        for (const auto count : counts) sum += count;
        return sum;
    };
    const std::int64_t positives = total(positive_), negatives = total(negative_);
    std::int64_t hits = positives, alarms = negatives;
    std::vector<Point> points;
    const std::size_t steps = positive_.size() - 2;
    for (std::size_t k = 0; k <= steps; ++k) {
        hits -= positive_[k];
        alarms -= negative_[k];
        points.push_back({static_cast<double>(k) / static_cast<double>(steps), ratio(hits, positives),
                          ratio(alarms, negatives)});
    }
    return points;
}

double Roc::area() const {
    const auto any = [](const auto& counts) {
        return std::any_of(counts.begin(), counts.end(), [](std::int64_t count) { return count > 0; });
    };
    if (!any(positive_) || !any(negative_)) return std::numeric_limits<double>::quiet_NaN();
    double area = 0;
    Point before{0, 1, 1};
    for (const auto& point : points()) {
        area += (before.false_positive_rate - point.false_positive_rate) *
                (before.true_positive_rate + point.true_positive_rate) / 2;
        before = point;
    }
    return area + before.false_positive_rate * before.true_positive_rate / 2;
}

}  // namespace spectile::evaluate
