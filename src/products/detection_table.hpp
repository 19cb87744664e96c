#pragma once

#include <string>
#include <vector>

namespace spectile::products {

/// The detections of several scenes, to be one layer.
struct DetectionTable {
    std::vector<std::string> files;  ///< Finished products, in the order of the scenes.
    std::string driver;              ///< GDAL's name: GPKG, GeoJSON, FlatGeobuf or CSV.
    std::string crs;                 ///< Of the table; empty: that of the first scene.
    std::string where;               ///< Of the definition, for messages.
};

/// Writes one layer with every feature of every file, numbered anew; `scene` tells them apart. Where a file
/// has another CRS its outlines are brought into the table's, and x, y and the bounding box with them. The
/// same files give the same bytes. Throws Error{Code::definition} where some have a CRS and others none, or
/// one cannot be brought into the table's; Error{Code::write}.
void write_detection_table(const DetectionTable& table, const std::string& target);

}  // namespace spectile::products
