#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "evaluate/area_estimate.hpp"

namespace spectile::evaluate {
namespace {

using Json = nlohmann::ordered_json;

/// Value, standard error and 95 % interval; shares stay within 0 and 1.
Json json_of(const Estimate& estimate, double highest) {
    Json json = {{"value", estimate.value}, {"standard_error", nullptr}, {"confidence_95", nullptr}};
    if (!estimate.error) return json;
    const double half = kNinetyFive * *estimate.error;
    json["standard_error"] = *estimate.error;
    json["confidence_95"] = {std::max(0.0, estimate.value - half), std::min(highest, estimate.value + half)};
    return json;
}

Json json_of(const std::optional<Estimate>& estimate) {
    return estimate ? json_of(*estimate, 1) : Json(nullptr);
}

std::string share_cell(const std::optional<Estimate>& estimate) {
    if (!estimate) return "-";
    if (!estimate->error) return fmt::format("{:.4f}", estimate->value);
    return fmt::format("{:.4f} ±{:.4f}", estimate->value, kNinetyFive * *estimate->error);
}

std::string area_cell(const Estimate& estimate) {
    if (!estimate.error) return fmt::format("{:.6g}", estimate.value);
    return fmt::format("{:.6g} ±{:.4g}", estimate.value, kNinetyFive * *estimate.error);
}

/// Pads to a width in characters; ± is two bytes.
std::string padded(const std::string& cell, std::size_t width) {
    const auto marks = static_cast<std::size_t>(std::count(cell.begin(), cell.end(), '\xC2'));
    const std::size_t shown = cell.size() - marks;
    return std::string(width > shown ? width - shown : 0, ' ') + cell;
}

}  // namespace

std::string to_json(const AreaEstimate& estimate, int indent) {
    Json json = {{"overall_accuracy", json_of(estimate.overall, 1)},
                 {"unit", estimate.unit},
                 {"area", estimate.area},
                 {"unsampled_area", estimate.unsampled},
                 {"per_class", Json::array()}};
    for (const auto& c : estimate.per_class)
        json["per_class"].push_back({{"value", c.value},
                                     {"name", c.name},
                                     {"users_accuracy", json_of(c.users)},
                                     {"producers_accuracy", json_of(c.producers)},
                                     {"mapped_area", c.mapped},
                                     {"area", json_of(c.area, estimate.area)}});
    return json.dump(indent);
}

std::string to_text(const AreaEstimate& estimate) {
    std::string text = fmt::format("weighted by area (95 % confidence): overall accuracy {}\n",
                                   share_cell(estimate.overall));
    if (estimate.unsampled > 0)
        text += fmt::format("{:.6g} {} of the map are of classes without any truth and are left out\n",
                            estimate.unsampled, estimate.unit);
    std::size_t width = 5;
    for (const auto& c : estimate.per_class) width = std::max(width, c.name.size());
    text += fmt::format("\n{:>5}  {:<{}}  {:>16}  {:>16}  {:>12}  {:>22}\n", "value", "class", width,
                        "user's", "producer's", "mapped", "area, " + estimate.unit);
    for (const auto& c : estimate.per_class)
        text += fmt::format("{:>5}  {:<{}}  {}  {}  {:>12.6g}  {}\n", c.value, c.name, width,
                            padded(share_cell(c.users), 16), padded(share_cell(c.producers), 16), c.mapped,
                            padded(area_cell(c.area), 22));
    return text;
}

}  // namespace spectile::evaluate
