#pragma once

#include <gdalwarper.h>

#include <optional>
#include <string>

namespace spectile {

/// What GDAL's warper calls near, bilinear, cubic, cubicspline, lanczos, average or mode; nothing for another
/// name.
inline std::optional<GDALResampleAlg> resampling_named(const std::string& name) {
    if (name == "near") return GRA_NearestNeighbour;
    if (name == "bilinear") return GRA_Bilinear;
    if (name == "cubic") return GRA_Cubic;
    if (name == "cubicspline") return GRA_CubicSpline;
    if (name == "lanczos") return GRA_Lanczos;
    if (name == "average") return GRA_Average;
    if (name == "mode") return GRA_Mode;
    return std::nullopt;
}

}  // namespace spectile
