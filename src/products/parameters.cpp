#include "products/parameters.hpp"

#include <algorithm>

#include "pipeline/nearest.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

/// "FILE:LINE: ", as far as it is known.
std::string where(const Mark& mark) {
    if (mark.file.empty()) return {};
    return mark.file + (mark.line > 0 ? ":" + std::to_string(mark.line) : "") + ": ";
}

}  // namespace

std::string where(const ProductDefinition& definition) {
    return where(definition.mark) + "products." + definition.kind + ": ";
}

std::string where(const MosaicDefinition& definition) {
    return where(definition.mark) + "mosaic." + definition.kind + ": ";
}

Parameters::Parameters(const ProductDefinition& definition, std::initializer_list<const char*> known)
    : definition_(definition) {
    values_ =
        nlohmann::json::parse(definition.parameters.empty() ? "{}" : definition.parameters, nullptr, false);
    if (!values_.is_object()) refuse("parameters must be a mapping of keys to values");
    const std::vector<std::string> names(known.begin(), known.end());
    for (const auto& item : values_.items()) {
        if (std::find(names.begin(), names.end(), item.key()) != names.end()) continue;
        refuse("unknown key '" + item.key() + "'" +
               (names.empty() ? "; known: path, format and options"
                              : definition::suggestion(item.key(), names)));
    }
}

void Parameters::refuse(const std::string& message) const {
    throw Error(Code::definition, where(definition_) + message);
}

std::string Parameters::choice(const std::string& key, const std::vector<std::string>& choices) const {
    if (!values_.contains(key)) return choices.front();
    const auto& value = values_.at(key);
    if (value.is_string())
        for (const auto& choice : choices)
            if (value.get<std::string>() == choice) return choice;
    refuse(key + ": " + value.dump() + " is not one of " + joined(choices));
}

std::optional<double> Parameters::number(const std::string& key) const {
    if (!values_.contains(key)) return std::nullopt;
    if (!values_.at(key).is_number()) refuse(key + ": " + values_.at(key).dump() + " is not a number");
    return values_.at(key).get<double>();
}

double Parameters::threshold() const {
    const double value = number("threshold").value_or(0.5);
    if (!(value >= 0 && value < 1)) refuse("threshold: must be at least 0 and below 1");
    return value;
}

std::string Parameters::text(const std::string& key) const {
    if (!values_.contains(key)) return {};
    if (!values_.at(key).is_string()) refuse(key + ": " + values_.at(key).dump() + " is not text");
    return values_.at(key).get<std::string>();
}

}  // namespace spectile::products
