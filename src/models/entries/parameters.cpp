#include "models/entries/parameters.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "pipeline/nearest.hpp"
#include "spectile/error.hpp"

namespace spectile::entries {
namespace {

using nlohmann::json;

std::string list_of(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

}  // namespace

Parameters::Parameters(const std::string& text, std::string where, const std::vector<std::string>& known)
    : where_(std::move(where)) {
    json object = json::parse(text.empty() ? "{}" : text, nullptr, false);
    if (!object.is_object()) throw Error(Code::model, where_ + ": parameters: is not a mapping");
    for (const auto& [key, value] : object.items())
        if (std::find(known.begin(), known.end(), key) == known.end())
            throw Error(Code::model,
                        where_ + ": parameters." + key + ": is unknown" + definition::suggestion(key, known));
    object_ = std::make_unique<json>(std::move(object));
}

Parameters::~Parameters() = default;

const json* Parameters::find(const std::string& key) const {
    const auto found = object_->find(key);
    return found == object_->end() ? nullptr : &*found;
}

bool Parameters::has(const std::string& key) const { return find(key) != nullptr; }

void Parameters::refuse(const std::string& key, const std::string& why) const {
    throw Error(Code::model, where_ + ": parameters." + key + ": " + why);
}

int Parameters::whole(const std::string& key, int fallback, int low, int high) const {
    const json* value = find(key);
    if (!value) return fallback;
    const auto range = "must be a whole number from " + std::to_string(low) + " to " + std::to_string(high);
    if (!value->is_number_integer()) refuse(key, range + ", not " + value->dump());
    if (value->get<double>() < low || value->get<double>() > high)
        refuse(key, range + ", not " + value->dump());
    return value->get<int>();
}

double Parameters::positive(const std::string& key, double fallback) const {
    const json* value = find(key);
    if (!value) return fallback;
    if (!value->is_number() || !(value->get<double>() > 0))
        refuse(key, "must be a positive number, not " + value->dump());
    return value->get<double>();
}

double Parameters::fraction(const std::string& key) const {
    const json* value = find(key);
    if (!value || !value->is_number() || !(value->get<double>() >= 0 && value->get<double>() < 1))
        refuse(key, "must be a number from 0 to below 1, not " + (value ? value->dump() : "left out"));
    return value->get<double>();
}

bool Parameters::flag(const std::string& key, bool fallback) const {
    const json* value = find(key);
    if (!value) return fallback;
    if (!value->is_boolean()) refuse(key, "must be true or false, not " + value->dump());
    return value->get<bool>();
}

std::string Parameters::one_of(const std::string& key, const std::string& fallback,
                               const std::vector<std::string>& allowed) const {
    const json* value = find(key);
    if (!value) return fallback;
    if (!value->is_string() ||
        std::find(allowed.begin(), allowed.end(), value->get<std::string>()) == allowed.end())
        refuse(key, "must be one of " + list_of(allowed) + ", not " + value->dump());
    return value->get<std::string>();
}

std::vector<int> Parameters::whole_list(const std::string& key, std::size_t count, int low, int high) const {
    const json* value = find(key);
    if (!value) return {};
    const auto why = "must be a list of " + std::to_string(count) + " whole numbers from " +
                     std::to_string(low) + " to " + std::to_string(high) + ", not " + value->dump();
    if (!value->is_array() || value->size() != count) refuse(key, why);
    std::vector<int> numbers;
    for (const auto& item : *value) {
        if (!item.is_number_integer() || item.get<double>() < low || item.get<double>() > high)
            refuse(key, why);
        numbers.push_back(item.get<int>());
    }
    return numbers;
}

}  // namespace spectile::entries
