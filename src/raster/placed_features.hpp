#pragma once

#include <ogr_geometry.h>
#include <ogrsf_frmts.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "spectile/grid.hpp"

namespace spectile {

/// A geometry in pixel coordinates of a grid (x right, y down, pixel centres at .5), and the value it stands
/// for.
struct PlacedFeature {
    OGRGeometryUniquePtr geometry;
    OGREnvelope envelope;
    int value = 1;
};

/// Brings a geometry into pixel coordinates of `grid`. `crs_wkt` empty: coordinates are those of the grid's
/// CRS. Throws Error{Code::scene} naming `name` where the grid has no geotransform or the CRS do not meet.
PlacedFeature place(OGRGeometryUniquePtr geometry, const std::string& crs_wkt, const Grid& grid,
                    const std::string& name);

/// Decides whether a feature is wanted and sets its value.
using ChooseFeature = std::function<bool(const OGRFeature&, int& value)>;

/// All wanted features of a vector, in the file's order, every layer.
/// Throws Error{Code::missing}, {scene} (no CRS while the grid has one), {read}; all name the vector.
std::vector<PlacedFeature> place_features(const std::string& name, const Grid& grid,
                                          const ChooseFeature& choose);

}  // namespace spectile
