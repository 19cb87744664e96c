#include "cli/versions.hpp"

#include <nlohmann/json.hpp>

#include "raster/gdal_setup.hpp"
#include "spectile/module.hpp"
#include "spectile/version.hpp"

namespace spectile::cli {

std::string version_text(bool all) {
    std::string text = std::string("spectile ") + kVersion + "\n" + gdal_version() + "\n";
    if (all) text += nlohmann::json::parse(network_module().describe()).dump() + "\n";
    return text;
}

}  // namespace spectile::cli
