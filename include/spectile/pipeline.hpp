#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "spectile/model.hpp"
#include "spectile/step.hpp"
#include "spectile/window.hpp"

namespace spectile {

/// Which part of a scene is wanted. At most one of window, bbox and vector.
struct AreaOfInterest {
    std::optional<Window> window;               ///< Pixels of the scene.
    std::optional<std::array<double, 4>> bbox;  ///< xmin, ymin, xmax, ymax
    std::string bbox_crs;                       ///< Any form PROJ takes; empty = the scene's.
    std::string vector;                         ///< File or GDAL name; polygons in any CRS.
    bool empty() const { return !window && !bbox && vector.empty(); }
};

/// A scene as written. Several paths are stacked as bands of one grid.
struct SceneDefinition {
    std::vector<std::string> paths;  ///< Files made absolute; other GDAL names left alone.
    bool change = false;             ///< paths = {before, after}.
    std::string wavelengths_file;    ///< Text, CSV, ENVI header, EnMAP or PRISMA metadata XML.
    std::vector<double> wavelengths_nm;
    std::optional<double> scale, offset, nodata;  ///< Override what the file says.
    std::string resampling;  ///< GDAL's name, of rasters that lie on another grid; empty: they are refused.
    std::vector<std::string> band_names;    ///< In place of what the files say; empty: theirs.
    std::vector<int> bands;                 ///< From 1, as -b/--band; empty = all.
    std::vector<std::string> open_options;  ///< NAME=VALUE for GDAL.
    AreaOfInterest aoi;
    std::string mask;  ///< Raster (0 = invalid) or vector (inside = valid).
    int preview = 0;   ///< Longest side in pixels of a quick look at every n-th pixel; 0: the scene itself.
    Mark mark;
};

struct ProductDefinition {
    std::string kind;                  ///< class_map, probabilities, ...
    std::string path;                  ///< Absolute.
    std::string format;                ///< GDAL driver or COG; empty = the kind's default.
    std::vector<std::string> options;  ///< GDAL creation options NAME=VALUE.
    std::string parameters = "{}";     ///< JSON: the kind's own keys (measure, type, ...).
    Mark mark;
};

/// One raster over the products of all scenes of a run, or a catalogue of them.
struct MosaicDefinition {
    std::string kind;                  ///< Of the products that it joins: class_map, ...
    std::string path;                  ///< Absolute.
    std::string format;                ///< GDAL driver, COG, VRT, or the vector driver of a tile index.
    std::string overlap = "first";     ///< Whose pixel counts where scenes overlap: first or last, as listed.
    std::string crs;                   ///< Empty: that of the first scene's product.
    double resolution = 0;             ///< In units of the CRS; 0: that of the first scene's product.
    std::string resampling;            ///< GDAL's name; empty: near.
    std::vector<std::string> options;  ///< GDAL creation options NAME=VALUE.
    Mark mark;
};

/// The grid that raster products are brought to before they are published.
struct TargetDefinition {
    std::string crs;               ///< Any form PROJ takes; empty: the scene's.
    double resolution = 0;         ///< Pixel side in units of the CRS; lines of the grid are multiples of it.
    std::string resampling;        ///< GDAL's name, of values that may be mixed.
    std::string class_resampling;  ///< near or mode, of class values.
    Mark mark;
};

struct Tiling {
    int tile = 0;             ///< Core size in pixels; 0 = auto.
    int part = 0;             ///< Part size in output pixels; 0 = auto.
    std::optional<int> halo;  ///< Larger than the model's is allowed, smaller only with force_halo.
    bool force_halo = false;
    std::optional<Blend> blend;
};

/// A validated pipeline definition.
struct Pipeline {
    std::string file;                     ///< Empty for one-line verbs.
    std::vector<SceneDefinition> scenes;  ///< One run each.
    std::string model;                    ///< Folder, absolute.
    std::vector<StepDefinition> prepare;  ///< Before what the card says.
    Tiling tiling;
    std::vector<ProductDefinition> products;  ///< Paths may hold {stem} where there are several scenes.
    std::vector<MosaicDefinition> mosaics;    ///< Over all scenes.
    std::optional<TargetDefinition> target;   ///< Empty: products lie on the scene's own grid.
    bool lossy = false;
    Precision precision = Precision::float32;
    bool flips = false;  ///< Predictions are means over each tile as it is and flipped.
};

}  // namespace spectile
