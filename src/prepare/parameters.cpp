#include "prepare/parameters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "pipeline/nearest.hpp"
#include "spectile/error.hpp"

namespace spectile::prepare {

using nlohmann::json;

struct Parameters::Values {
    json given = json::object();
    json fallbacks = json::object();
};

std::string place_of(const StepDefinition& definition) {
    if (definition.mark.file.empty()) return definition.name;
    if (definition.mark.line <= 0) return fmt::format("{}: {}", definition.mark.file, definition.name);
    return fmt::format("{}:{}: {}", definition.mark.file, definition.mark.line, definition.name);
}

Parameters::Parameters(const StepDefinition& definition, const std::vector<StepKey>& keys)
    : place_(place_of(definition)), base_(definition.base), values_(std::make_shared<Values>()) {
    for (const auto& key : keys) {
        names_.push_back(key.name);
        if (!key.fallback.empty()) values_->fallbacks[key.name] = json::parse(key.fallback);
    }
    json given = json::parse(definition.parameters.empty() ? "{}" : definition.parameters, nullptr, false);
    if (given.is_null()) given = json::object();
    if (!given.is_object())
        throw Error(Code::definition, fmt::format("{}: parameters must be a map of keys and values", place_));
    check_names(given);
    for (const auto& [key, value] : given.items())
        if (!value.is_null()) values_->given[key] = value;
}

void Parameters::check_names(const json& given) const {
    for (const auto& [key, value] : given.items()) {
        if (std::find(names_.begin(), names_.end(), key) != names_.end()) continue;
        const std::string hint = names_.empty() ? "; the step has none" : definition::suggestion(key, names_);
        throw Error(Code::definition, fmt::format("{}: unknown key '{}'{}", place_, key, hint));
    }
}

bool Parameters::has(std::string_view key) const { return values_->given.contains(key); }

void Parameters::merge(const json& more) {
    check_names(more);
    values_->given.update(more);
}

void Parameters::refuse(std::string_view key, const std::string& what) const {
    throw Error(Code::definition, fmt::format("{}: {}: {}", place_, key, what));
}

const json& Parameters::value(std::string_view key) const {
    static const json nothing;
    for (const json* values : {&values_->given, &values_->fallbacks})
        if (const auto found = values->find(key); found != values->end()) return *found;
    return nothing;
}

double Parameters::number(std::string_view key) const {
    const json& given = value(key);
    if (given.is_null()) refuse(key, "a number is needed");
    if (!given.is_number() || !std::isfinite(given.get<double>()))
        refuse(key, fmt::format("a number is needed, not {}", given.dump()));
    return given.get<double>();
}

std::int64_t Parameters::whole(std::string_view key, std::int64_t minimum, std::int64_t maximum) const {
    const double given = number(key);
    if (given != std::floor(given) || given < static_cast<double>(minimum) ||
        given > static_cast<double>(maximum))
        refuse(key, fmt::format("a whole number from {} to {} is needed, not {}", minimum, maximum, given));
    return static_cast<std::int64_t>(given);
}

bool Parameters::boolean(std::string_view key) const {
    const json& given = value(key);
    if (!given.is_boolean()) refuse(key, fmt::format("true or false is needed, not {}", given.dump()));
    return given.get<bool>();
}

std::string Parameters::one_of(std::string_view key, const std::vector<std::string>& allowed) const {
    const json& given = value(key);
    if (given.is_string() &&
        std::find(allowed.begin(), allowed.end(), given.get<std::string>()) != allowed.end())
        return given.get<std::string>();
    refuse(key, fmt::format("one of {} is needed, not {}", fmt::join(allowed, ", "), given.dump()));
}

std::vector<double> Parameters::numbers(std::string_view key) const {
    const json& given = value(key);
    if (given.is_null()) return {};
    if (!given.is_array()) return {number(key)};
    if (given.empty()) refuse(key, "the list is empty");
    std::vector<double> list;
    for (const auto& item : given) {
        if (!item.is_number() || !std::isfinite(item.get<double>()))
            refuse(key, fmt::format("a list of numbers is needed; {} is none", item.dump()));
        list.push_back(item.get<double>());
    }
    return list;
}

std::vector<std::vector<double>> Parameters::rows(std::string_view key) const {
    const json& given = value(key);
    if (!given.is_array() || given.empty()) refuse(key, "a list of lists of numbers is needed");
    std::vector<std::vector<double>> list;
    for (const auto& row : given) {
        if (!row.is_array() || row.empty() || row.size() != given[0].size())
            refuse(key, "a list of lists of one length is needed");
        auto& numbers = list.emplace_back();
        for (const auto& item : row) {
            if (!item.is_number()) refuse(key, fmt::format("{} is not a number", item.dump()));
            numbers.push_back(item.get<double>());
        }
    }
    return list;
}

std::vector<double> per_band(const std::vector<double>& values, std::size_t bands, const std::string& place,
                             std::string_view key) {
    if (values.size() == bands) return values;
    if (values.size() == 1) return std::vector<double>(bands, values[0]);
    throw Error(Code::definition,
                fmt::format("{}: {} has {} values but {} bands enter the step; give one value or {}", place,
                            key, values.size(), bands, bands));
}

std::string figures(const std::vector<double>& values) {
    if (values.empty()) return "none";
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    if (*low == *high) return fmt::format("{}", *low);
    if (values.size() <= 4) return fmt::format("{}", fmt::join(values, ", "));
    return fmt::format("{} to {} ({} values)", *low, *high, values.size());
}

}  // namespace spectile::prepare
