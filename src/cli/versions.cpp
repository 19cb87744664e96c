#include "cli/versions.hpp"

#include <nlohmann/json.hpp>

#include "gdal/setup.hpp"
#include "kernels/cuda_build.hpp"
#include "kernels/target.hpp"
#include "run/parallel.hpp"
#include "spectile/module.hpp"
#include "spectile/version.hpp"

namespace spectile::cli {

std::string version_text(bool all) {
    std::string text = std::string("spectile ") + kVersion + "\n" + gdal_version() + "\n";
    text += "oneTBB " + run::tbb_version() + "\ninstructions " + kernels::target_name() + "\n";
    if (const auto cuda = kernels::cuda_build(); !cuda.empty()) text += cuda + "\n";
    if (all) text += nlohmann::json::parse(network_module().describe()).dump() + "\n";
    return text;
}

}  // namespace spectile::cli
