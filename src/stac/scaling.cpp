#include "stac/scaling.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "spectile/error.hpp"

namespace spectile::stac {
namespace {

using Json = nlohmann::ordered_json;
using nlohmann::json;

/// One step and one kind of scaling that say the same, by their two figures.
struct SameScaling {
    const char *step, *first_key, *second_key;
    const char *type, *first_field, *second_field;
};
constexpr SameScaling kSame[] = {{"standardise", "mean", "std", "z-score", "mean", "stddev"},
                                 {"min_max", "min", "max", "min-max", "minimum", "maximum"},
                                 {"clip", "min", "max", "clip", "minimum", "maximum"}};

const SameScaling* same_as_step(const std::string& step) {
    const auto found =
        std::find_if(std::begin(kSame), std::end(kSame), [&](const auto& one) { return step == one.step; });
    return found == std::end(kSame) ? nullptr : found;
}

/// A number or a list of them as a list; empty where it is neither.
std::vector<double> numbers_in(const json& parameters, const char* key) {
    const auto found = parameters.find(key);
    if (found == parameters.end()) return {};
    if (found->is_number()) return {found->get<double>()};
    if (!found->is_array() ||
        !std::all_of(found->begin(), found->end(), [](const json& one) { return one.is_number(); }))
        return {};
    return found->get<std::vector<double>>();
}

/// One number where one counts for all bands, else the list.
Json one_or_list(const std::vector<double>& values) {
    return values.size() == 1 ? Json(values.front()) : Json(values);
}

std::vector<double> field_of(const json& scaling, const char* field, const std::string& place) {
    std::vector<double> values;
    for (const auto& entry : scaling) {
        if (!entry.contains(field) || !entry.at(field).is_number())
            throw Error(Code::model, fmt::format("{}: an entry has no number '{}'", place, field));
        values.push_back(entry.at(field).get<double>());
    }
    return values;
}

std::string common_type(const json& scaling, const std::string& place) {
    std::string type;
    for (const auto& entry : scaling) {
        const std::string one = entry.is_object() ? entry.value("type", std::string()) : std::string();
        if (one.empty()) throw Error(Code::model, place + ": an entry has no 'type'");
        if (!type.empty() && one != type)
            throw Error(Code::model,
                        fmt::format("{}: mixes {} and {}; give the steps with --set prepare=[...]", place,
                                    type, one));
        type = one;
    }
    return type;
}

}  // namespace

std::optional<Json> value_scaling_of(const std::vector<StepDefinition>& prepare) {
    if (prepare.size() != 1) return std::nullopt;
    const SameScaling* same = same_as_step(prepare.front().name);
    const json parameters = json::parse(prepare.front().parameters);
    // Any other key (from: scene, a range of its own) makes it another step.
    if (!same || parameters.size() != 2) return std::nullopt;
    const auto first = numbers_in(parameters, same->first_key),
               second = numbers_in(parameters, same->second_key);
    if (first.empty() || second.empty()) return std::nullopt;
    if (first.size() != second.size() && first.size() != 1 && second.size() != 1) return std::nullopt;
    Json list = Json::array();
    for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i)
        list.push_back({{"type", same->type},
                        {same->first_field, first[first.size() == 1 ? 0 : i]},
                        {same->second_field, second[second.size() == 1 ? 0 : i]}});
    return list;
}

Json steps_of_scaling(const json& scaling, std::size_t bands, const std::string& place) {
    Json steps = Json::array();
    if (scaling.is_null()) return steps;
    if (!scaling.is_array() || scaling.empty()) throw Error(Code::model, place + ": is no list of scalings");
    if (scaling.size() != 1 && scaling.size() != bands)
        throw Error(Code::model, fmt::format("{}: has {} entries for {} bands; expected one, or one for each",
                                             place, scaling.size(), bands));
    const std::string type = common_type(scaling, place);
    for (const auto& same : kSame)
        if (type == same.type) {
            Json parameters = {{same.first_key, one_or_list(field_of(scaling, same.first_field, place))},
                               {same.second_key, one_or_list(field_of(scaling, same.second_field, place))}};
            steps.push_back({{same.step, std::move(parameters)}});
            return steps;
        }
    if (type != "offset" && type != "scale")
        throw Error(Code::model, fmt::format("{}: no preparation step does '{}'; give the steps with --set "
                                             "prepare=[...]",
                                             place, type));
    auto values = field_of(scaling, "value", place);
    for (double& value : values) value = type == "offset" ? -value : 1 / value;
    steps.push_back({{"scale", Json{{type == "offset" ? "offset" : "factor", one_or_list(values)}}}});
    return steps;
}

}  // namespace spectile::stac
