#include "raster/open_scene.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "gdal/setup.hpp"
#include "raster/band_names.hpp"
#include "raster/dataset.hpp"
#include "raster/georeference.hpp"
#include "raster/opened_raster.hpp"
#include "raster/stacked_scene.hpp"
#include "raster/wavelengths.hpp"
#include "spectile/error.hpp"

namespace spectile {
namespace {

/// Bands of a stack (from 0) that the definition asks for.
std::vector<int> picked_bands(const std::vector<OpenedRaster>& rasters, const std::vector<BandInfo>& all,
                              const SceneDefinition& definition) {
    std::vector<int> picked;
    const int dates = definition.change ? 2 : 1;
    const int per_date = static_cast<int>(all.size()) / dates;
    for (int date = 0; date < dates; ++date)
        for (const int band : definition.bands) {
            if (band < 1 || band > per_date)
                throw Error(Code::definition, definition.paths.front() + ": there is no band " +
                                                  std::to_string(band) + "; bands run from 1 to " +
                                                  std::to_string(per_date));
            picked.push_back(date * per_date + band - 1);
        }
    if (!definition.bands.empty()) return picked;
    for (int band = 0; band < static_cast<int>(all.size()); ++band) {
        const BandInfo& info = all[static_cast<std::size_t>(band)];
        if (rasters[static_cast<std::size_t>(info.raster)].source.alpha_band != info.raster_band + 1)
            picked.push_back(band);
    }
    if (picked.empty()) throw Error(Code::scene, definition.paths.front() + ": it has no band beside alpha");
    return picked;
}

/// Explicit wavelengths: one per band picked, or one per band of the whole stack.
void set_wavelengths(std::vector<BandInfo>& bands, const std::vector<int>& picked, std::size_t all,
                     const std::vector<BandSpectrum>& spectra, const std::string& source, bool change) {
    std::vector<BandSpectrum> values = spectra;
    if (change && (values.size() * 2 == all || values.size() * 2 == bands.size()))
        values.insert(values.end(), spectra.begin(), spectra.end());
    const bool whole = values.size() == all;
    if (!whole && values.size() != bands.size())
        throw Error(Code::scene, source + ": " + std::to_string(spectra.size()) + " wavelengths for " +
                                     std::to_string(bands.size()) + " bands; give one per band");
    for (std::size_t i = 0; i < bands.size(); ++i) {
        const BandSpectrum& spectrum = values[whole ? static_cast<std::size_t>(picked[i]) : i];
        bands[i].wavelength_nm =
            spectrum.wavelength_nm > 0 ? std::optional(spectrum.wavelength_nm) : std::nullopt;
        if (spectrum.fwhm_nm) bands[i].fwhm_nm = spectrum.fwhm_nm;
        if (spectrum.bad) bands[i].bad = *spectrum.bad;
        if (spectrum.scale && bands[i].scale == 1.0 && bands[i].offset == 0.0) {
            bands[i].scale = *spectrum.scale;
            bands[i].offset = spectrum.offset.value_or(0.0);
        }
    }
}

void apply_overrides(SceneInfo& info, std::vector<RasterSource>& sources, const SceneDefinition& definition) {
    for (BandInfo& band : info.bands) {
        if (definition.scale) band.scale = *definition.scale;
        if (definition.offset) band.offset = *definition.offset;
        if (!definition.nodata) continue;
        band.nodata = *definition.nodata;
        sources[static_cast<std::size_t>(band.raster)]
            .bands[static_cast<std::size_t>(band.raster_band)]
            .nodata = nodata_rule(band.type, *definition.nodata);
    }
}

void check_grids(const std::vector<OpenedRaster>& rasters) {
    for (std::size_t i = 1; i < rasters.size(); ++i) {
        const std::string difference = grid_difference(rasters[0].grid, rasters[i].grid);
        if (!difference.empty())
            throw Error(Code::scene, rasters[i].source.name + " is not on the grid of " +
                                         rasters[0].source.name + ": it " + difference +
                                         "; say how in scene.resampling, or bring it onto that grid first "
                                         "(gdalwarp -t_srs, -te, -ts)");
    }
}

/// The raster whose grid is the scene's: the first date, or of a stack the one with the smallest pixels, in
/// the CRS of the first.
std::size_t reference_of(const std::vector<Grid>& grids, bool change) {
    const auto pixel = [](const Grid& grid) {
        const auto& t = grid.georeference.geotransform;
        return std::abs(t[1] * t[5] - t[2] * t[4]);
    };
    std::size_t best = 0;
    for (std::size_t i = 1; i < grids.size() && !change; ++i) {
        const bool same_crs = grids[i].georeference.crs_wkt == grids[0].georeference.crs_wkt;
        if (same_crs && pixel(grids[i]) < pixel(grids[best]) * (1 - 1e-9)) best = i;
    }
    return best;
}

std::vector<OpenedRaster> open_rasters(const SceneDefinition& definition) {
    std::vector<OpenedRaster> rasters;
    std::vector<Grid> grids;  // Without a preview's thinning.
    for (const auto& path : definition.paths) {
        rasters.push_back(open_one(path, definition.open_options, definition.preview));
        const bool thinned = definition.preview > 0 && !definition.resampling.empty();
        grids.push_back(thinned ? open_one(path, definition.open_options).grid : rasters.back().grid);
    }
    if (definition.resampling.empty()) return rasters;
    const std::size_t reference = reference_of(grids, definition.change);
    const Alignment alignment{grids[reference], definition.paths[reference], definition.resampling};
    for (std::size_t i = 0; i < rasters.size(); ++i)
        if (!grid_difference(grids[reference], grids[i]).empty())
            rasters[i] =
                open_one(definition.paths[i], definition.open_options, definition.preview, &alignment);
    return rasters;
}

SceneMasks make_masks(SceneInfo& info, const SceneDefinition& definition) {
    SceneMasks masks;
    if (auto area = make_area(info.grid, definition.aoi)) {
        if (area->extent().empty())
            throw Error(
                Code::scene,
                info.name +
                    ": the area of interest holds no pixel of the scene; check its coordinates and CRS");
        masks.areas.push_back(std::move(area));
    }
    const auto add_files = [&](const DatasetHandle& dataset, const std::string& name) {
        for (auto& file : files_of(*dataset, name)) info.files.push_back(std::move(file));
    };
    if (!definition.aoi.vector.empty()) add_files(open_vector(definition.aoi.vector), definition.aoi.vector);
    if (definition.mask.empty()) return masks;
    if (is_vector(definition.mask)) {
        masks.areas.push_back(Area::of_vector(info.grid, definition.mask));
        add_files(open_vector(definition.mask), definition.mask);
        return masks;
    }
    OpenedRaster mask = open_one(definition.mask, {}, definition.preview);
    // A mask without georeference is taken to lie on the scene's pixels if its size is the scene's.
    if (mask.grid.georeference.empty()) mask.grid.georeference = info.grid.georeference;
    if (const std::string difference = grid_difference(info.grid, mask.grid); !difference.empty())
        throw Error(Code::scene, definition.mask + " is not on the grid of " + info.name + ": it " +
                                     difference + "; masks must be on the scene's grid");
    info.files.insert(info.files.end(), mask.files.begin(), mask.files.end());
    masks.mask = std::make_shared<const RasterSource>(std::move(mask.source));
    return masks;
}

void read_overriding_wavelengths(SceneInfo& info, const std::vector<int>& picked, std::size_t all,
                                 const SceneDefinition& definition) {
    if (!definition.wavelengths_nm.empty()) {
        std::vector<BandSpectrum> spectra;
        for (const double value : definition.wavelengths_nm) spectra.push_back({.wavelength_nm = value});
        set_wavelengths(info.bands, picked, all, spectra, info.name, definition.change);
    } else if (!definition.wavelengths_file.empty()) {
        const auto spectra = read_wavelengths_file(definition.wavelengths_file, info.warnings);
        set_wavelengths(info.bands, picked, all, spectra, definition.wavelengths_file, definition.change);
        info.files.push_back(definition.wavelengths_file);
    }
}

}  // namespace

std::string scene_name(const SceneDefinition& definition) {
    std::string name;
    for (const auto& path : definition.paths) name += (name.empty() ? "" : "; ") + path;
    return name;
}

std::string scene_stem(const std::string& name) {
    std::string stem = name.substr(name.find_last_of('/') + 1);
    while (!stem.empty() && (stem.back() == '"' || stem.back() == ':')) stem.pop_back();
    stem = std::filesystem::path(stem).stem().string();
    for (char& c : stem)
        if (c == ':' || c == '"' || c == '\\' || c == '?' || c == '*') c = '_';
    return stem.empty() ? "scene" : stem;
}

std::unique_ptr<Scene> open_scene(const SceneDefinition& definition) {
    start_gdal();
    if (definition.paths.empty()) throw Error(Code::definition, "a scene needs a path");
    if (definition.change && definition.paths.size() != 2)
        throw Error(Code::definition, "change detection takes two scenes, before and after");
    std::vector<OpenedRaster> rasters = open_rasters(definition);
    check_grids(rasters);

    SceneInfo info;
    info.name = definition.paths.front();
    info.stem = scene_stem(info.name);
    info.grid = rasters.front().grid;
    info.dates = definition.change ? 2 : 1;
    std::vector<BandInfo> all;
    std::vector<RasterSource> sources;
    for (std::size_t i = 0; i < rasters.size(); ++i) {
        for (BandInfo& band : rasters[i].bands) {
            band.raster = static_cast<int>(i);
            all.push_back(band);
        }
        info.rasters.push_back(rasters[i].source.storage);
        info.files.insert(info.files.end(), rasters[i].files.begin(), rasters[i].files.end());
        info.warnings.insert(info.warnings.end(), rasters[i].warnings.begin(), rasters[i].warnings.end());
    }
    if (definition.change && rasters[0].bands.size() != rasters[1].bands.size())
        throw Error(Code::scene, definition.paths[1] + " has " + std::to_string(rasters[1].bands.size()) +
                                     " bands, " + definition.paths[0] + " has " +
                                     std::to_string(rasters[0].bands.size()) +
                                     "; change detection needs the same bands of both dates");
    const std::vector<int> picked = picked_bands(rasters, all, definition);
    for (const int band : picked) info.bands.push_back(all[static_cast<std::size_t>(band)]);
    name_bands(info.bands, definition, picked, all.size());
    read_overriding_wavelengths(info, picked, all.size(), definition);
    for (auto& raster : rasters) sources.push_back(std::move(raster.source));
    apply_overrides(info, sources, definition);
    SceneMasks masks = make_masks(info, definition);
    return std::make_unique<StackedScene>(std::move(info), std::move(sources), std::move(masks));
}

Window aoi_extent(const Scene& scene, const AreaOfInterest& aoi) {
    const Grid& grid = scene.info().grid;
    const auto area = make_area(grid, aoi);
    if (!area) return grid.window();
    if (area->extent().empty())
        throw Error(Code::scene,
                    scene.info().name +
                        ": the area of interest holds no pixel of the scene; check its coordinates and CRS");
    return area->extent();
}

}  // namespace spectile
