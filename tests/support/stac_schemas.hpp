#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace spectile::test {

/// Whether the published schemas lie beside the source tree; they are no part of it.
bool has_stac_schemas();

/// Why the item does not fit STAC's item schema or that of an extension whose schema is there (MLM,
/// classification) and which the item declares; empty where it fits. No network: references lead to the local
/// files.
std::string stac_faults(const nlohmann::json& item);

/// What every item has to hold, without any schema: version, id, times, declared extensions for the prefixes
/// used.
std::string stac_faults_by_hand(const nlohmann::json& item);

}  // namespace spectile::test
