#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "spectile/grid.hpp"
#include "spectile/model.hpp"
#include "spectile/scene.hpp"

namespace spectile::products {

/// A finished class and how much of the map it covers.
struct ReportClass {
    ClassInfo info;
    std::int64_t pixels = 0;
};

/// One band that the model expects and the band of the scene that serves it.
struct ReportBand {
    std::string wanted;  ///< Name in the card.
    std::optional<double> wanted_nm;
    std::string found;  ///< Name in the scene, or its number.
    std::optional<double> found_nm;
};

/// One line of the audit of the input.
struct ReportAudit {
    std::string what, finding;
    bool warning = false;
};

/// Everything the report shows. What is empty is left out.
struct ReportData {
    std::string title;    ///< "Land cover of scene.hdr"
    std::string summary;  ///< One or two sentences: model and task.
    /// Shown as cards: {"Size", "1000 x 800 pixels"}, ...
    std::vector<std::pair<std::string, std::string>> facts;

    std::string scene;                   ///< GDAL name for the quick-look.
    std::optional<Window> scene_window;  ///< The part of it that was mapped; else all of it.
    std::vector<std::string> open_options;
    std::array<int, 3> scene_bands = {1, 1, 1};  ///< Red, green, blue, from 1.
    std::string scene_caption;                   ///< "640 nm, 550 nm, 470 nm"
    std::string class_map;                       ///< Path of the finished class map or mask.
    std::string confidence;                      ///< Path of the finished confidence raster.
    std::string confidence_caption = "Confidence, 0 to 1";

    std::array<std::int64_t, 2> size = {};  ///< Columns and rows of the map.
    bool scene_on_map = true;               ///< Whether the map is on the grid of the scene.
    std::optional<std::array<double, 6>> geotransform;

    std::vector<ReportClass> classes;
    std::int64_t pixels_nodata = 0;
    std::optional<double> pixel_area_m2;  ///< pixel_area_m2(grid)
    std::vector<ReportBand> bands;
    std::vector<std::pair<std::string, double>> timings;  ///< Stage and seconds.
    std::vector<ReportAudit> audit;
    std::vector<std::string> warnings;
    std::string accuracy = "{}";    ///< JSON of the card, as `evaluate --json`.
    std::string provenance = "{}";  ///< JSON; shown folded up as key and value.
};

/// Red, green, blue (from 1) nearest to 640, 550 and 470 nm; the first, middle and last band where
/// wavelengths are unknown or the scene has none within 60 nm of them.
std::array<int, 3> quicklook_bands(const std::vector<BandInfo>& bands);

/// One HTML page that holds everything itself: pictures, styles, plots, a map that zooms; its script fetches
/// nothing, and no link leaves it. Text from files is escaped. Throws Error{Code::read} where a
/// raster cannot be drawn.
std::string report_html(const ReportData& data);

}  // namespace spectile::products
