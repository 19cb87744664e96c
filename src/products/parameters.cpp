#include "products/parameters.hpp"

#include <algorithm>
#include <numeric>

#include "spectile/error.hpp"

namespace spectile::products {
namespace {

/// Levenshtein distance: insertions, deletions and replacements that turn `a` into `b`.
std::size_t edits(const std::string& a, const std::string& b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replace = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replace});
        }
    }
    return row.back();
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

}  // namespace

std::string nearest(const std::string& word, const std::vector<std::string>& candidates) {
    std::string best;
    std::size_t fewest = std::max<std::size_t>(2, word.size() / 2);
    for (const auto& candidate : candidates)
        if (const auto distance = edits(word, candidate); distance < fewest) {
            fewest = distance;
            best = candidate;
        }
    return best;
}

std::string where(const ProductDefinition& definition) {
    std::string text;
    if (!definition.mark.file.empty()) {
        text = definition.mark.file;
        if (definition.mark.line > 0) text += ":" + std::to_string(definition.mark.line);
        text += ": ";
    }
    return text + "products." + definition.kind + ": ";
}

Parameters::Parameters(const ProductDefinition& definition, std::initializer_list<const char*> known)
    : definition_(definition) {
    values_ =
        nlohmann::json::parse(definition.parameters.empty() ? "{}" : definition.parameters, nullptr, false);
    if (!values_.is_object()) refuse("parameters must be a mapping of keys to values");
    const std::vector<std::string> names(known.begin(), known.end());
    for (const auto& item : values_.items()) {
        if (std::find(names.begin(), names.end(), item.key()) != names.end()) continue;
        const std::string near = nearest(item.key(), names);
        const std::string allowed = names.empty() ? "path, format and options only" : joined(names);
        refuse("unknown key '" + item.key() + "'; " +
               (near.empty() ? "known keys: " + allowed : "did you mean '" + near + "'?"));
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

std::string Parameters::text(const std::string& key) const {
    if (!values_.contains(key)) return {};
    if (!values_.at(key).is_string()) refuse(key + ": " + values_.at(key).dump() + " is not text");
    return values_.at(key).get<std::string>();
}

}  // namespace spectile::products
