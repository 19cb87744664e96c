#pragma once

#include <nlohmann/json.hpp>

namespace spectile::training {

/// Takes a key out of the object, whose type and range the definition's rule has checked.
template <typename Value>
void take_key(nlohmann::ordered_json& object, const char* key, Value& value) {
    const auto found = object.find(key);
    if (found == object.end()) return;
    value = found->template get<Value>();
    object.erase(found);
}

}  // namespace spectile::training
