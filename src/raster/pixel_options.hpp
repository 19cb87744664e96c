#pragma once

#include <map>
#include <string>

namespace spectile {

/// GDAL's configuration options that change the values, the place or the bytes of what is read or written
/// (docs/formats.md lists them), as they are set now: by --config, by an environment variable or by GDAL's
/// configuration file. Those that only say how fast something is done are left out.
std::map<std::string, std::string> pixel_options();

}  // namespace spectile
