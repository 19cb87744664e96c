#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "products/report_sections.hpp"

namespace spectile::products {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& value) {
    if (value.is_number_float()) return fmt::format("{:.4f}", value.get<double>());
    return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string share_text(const Json& estimate) {
    if (!estimate.is_object()) return "–";
    const double value = estimate.at("value");
    if (estimate.at("standard_error").is_null()) return fmt::format("{:.3f}", value);
    return fmt::format("{:.3f} ± {:.3f}", value, 1.96 * estimate.at("standard_error").get<double>());
}

std::string area_text(const Json& estimate) {
    const double value = estimate.at("value");
    if (estimate.at("standard_error").is_null()) return fmt::format("{:.6g}", value);
    return fmt::format("{:.6g} ± {:.4g}", value, 1.96 * estimate.at("standard_error").get<double>());
}

/// A cell of the matrix, shaded by its share of the row.
std::string matrix_cell(std::uint64_t count, std::uint64_t row_sum, bool diagonal) {
    const double share = row_sum ? static_cast<double>(count) / static_cast<double>(row_sum) : 0;
    const int percent = static_cast<int>(std::lround(share * 70));
    return fmt::format(
        R"x(<td class="number" style="background:color-mix(in srgb,var(--{}) {}%,transparent)">{}</td>)x",
        diagonal ? "accent" : "second", percent, count);
}

}  // namespace

std::string confusion_table(const std::string& text) {
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object() || !json.contains("confusion") || !json.contains("per_class")) return "";
    const auto& classes = json.at("per_class");
    std::string head = "<tr><th>Truth \\ map</th>", rows;
    for (const auto& c : classes)
        head += R"(<th class="number">)" + escaped(c.at("name").get<std::string>()) + "</th>";
    for (std::size_t truth = 0; truth < classes.size(); ++truth) {
        const auto counts = json.at("confusion").at(truth).get<std::vector<std::uint64_t>>();
        std::uint64_t sum = 0;
        for (const auto count : counts) sum += count;
        rows += "<tr><td>" + escaped(classes.at(truth).at("name").get<std::string>()) + "</td>";
        for (std::size_t map = 0; map < counts.size(); ++map)
            rows += matrix_cell(counts[map], sum, truth == map);
        rows += "</tr>";
    }
    return R"(<div class="scroll"><table>)" + head + "</tr>" + rows + "</table></div>";
}

std::string area_weighted_table(const std::string& text) {
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object() || !json.contains("area_weighted")) return "";
    const auto& weighted = json.at("area_weighted");
    std::string rows;
    for (const auto& c : weighted.at("per_class"))
        rows += fmt::format(
            R"(<tr><td>{}</td><td class="number">{}</td><td class="number">{}</td><td class="number">{:.6g}</td><td class="number">{}</td></tr>)",
            escaped(c.at("name").get<std::string>()), share_text(c.at("users_accuracy")),
            share_text(c.at("producers_accuracy")), c.at("mapped_area").get<double>(),
            area_text(c.at("area")));
    const auto unit = escaped(weighted.at("unit").get<std::string>());
    return fmt::format(
        R"(<p>Overall accuracy {}, 95 % confidence. Each class of the map is a stratum; the intervals hold for truth that was drawn at random and are too narrow for whole fields.</p>)"
        R"(<div class="scroll"><table><tr><th>Class</th><th class="number">User's</th><th class="number">Producer's</th><th class="number">Mapped, {}</th><th class="number">True area, {}</th></tr>{}</table></div>)",
        share_text(weighted.at("overall_accuracy")), unit, unit, rows);
}

std::string spread_table(const std::string& text) {
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object()) return "";
    std::string rows;
    for (const auto& [key, name] : {std::pair{"overall_accuracy", "Overall accuracy"},
                                    std::pair{"average_accuracy", "Average accuracy"},
                                    std::pair{"kappa", "Kappa"}, std::pair{"mean_iou", "Mean IoU"}}) {
        if (!json.contains(key) || !json.at(key).is_object()) continue;
        const auto& figure = json.at(key);
        std::string seeds;
        for (const auto& value : figure.at("by_seed")) seeds += " " + text_of(value);
        rows += fmt::format(
            R"(<tr><td>{}</td><td class="number">{}</td><td class="number">{}</td><td>{}</td></tr>)", name,
            text_of(figure.at("mean")), figure.at("scatter").is_null() ? "–" : text_of(figure.at("scatter")),
            seeds);
    }
    return rows.empty()
               ? ""
               : R"(<div class="scroll"><table><tr><th></th><th class="number">Mean</th><th class="number">Scatter</th><th>By seed</th></tr>)" +
                     rows + "</table></div>";
}

}  // namespace spectile::products
