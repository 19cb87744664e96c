#pragma once

#include <optional>
#include <string>

#include "spectile/pipeline.hpp"
#include "spectile/scene.hpp"

namespace spectile {

/// When a scene was acquired: first and last time, RFC 3339 in UTC, to whole seconds
/// ("2020-07-01T10:20:30Z"); equal for an instant.
struct Acquisition {
    std::string begin, end;
    bool operator==(const Acquisition&) const = default;
};

/// A time, a date (its whole day), or two of either with a slash between them. A time without a zone is UTC.
/// Nothing where the text says no time.
std::optional<Acquisition> acquisition_of_text(const std::string& text);

/// What the scene's rasters say of their acquisition, in GDAL's terms: ACQUISITIONDATETIME (IMAGERY domain),
/// `acquisition time` (ENVI), sensing times of Sentinel-2, time_coverage_start and _end (netCDF). Of several
/// rasters from the first time to the last. TIFFTAG_DATETIME says when a file was written and is not asked.
/// Throws what opening the rasters throws.
std::optional<Acquisition> acquisition_of(const SceneInfo& scene, const SceneDefinition& definition);

}  // namespace spectile
