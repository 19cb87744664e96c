#include "raster/scene_info.hpp"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <fmt/format.h>
#include <gdal_utils.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "gdal/errors.hpp"
#include "raster/dataset.hpp"
#include "raster/envi_layout.hpp"
#include "raster/georeference.hpp"
#include "raster/open_scene.hpp"
#include "spectile/error.hpp"

namespace spectile {
namespace {

using Json = nlohmann::ordered_json;

struct InfoOptionsCloser {
    void operator()(GDALInfoOptions* options) const { GDALInfoOptionsFree(options); }
};

const char* word_of(Interleave interleave) {
    return interleave == Interleave::pixel ? "pixel" : interleave == Interleave::line ? "line" : "band";
}

/// JSON has no NaN or infinity: such numbers are written as text, as GDAL does.
Json number(double value) {
    if (std::isfinite(value)) return value;
    return std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}

template <typename T>
Json number(const std::optional<T>& value) {
    return value ? number(*value) : Json(nullptr);
}

Json gdal_info(GDALDataset& dataset) {
    CPLStringList words;
    words.AddString("-json");
    const std::unique_ptr<GDALInfoOptions, InfoOptionsCloser> options(
        GDALInfoOptionsNew(words.List(), nullptr));
    GdalErrors quiet;  // Damaged metadata is described as far as it goes.
    char* raw = GDALInfo(GDALDataset::ToHandle(&dataset), options.get());
    std::string text = raw ? raw : "";
    CPLFree(raw);
    if (!CPLIsUTF8(text.c_str(), -1)) {
        // Headers may hold text in old code pages; each such byte is replaced, so that the document stays
        // one.
        char* ascii = CPLForceToASCII(text.c_str(), -1, '?');
        text = ascii;
        CPLFree(ascii);
    }
    Json out = Json::parse(text, nullptr, false);
    return out.is_object() ? out : Json::object();
}

/// A container of subdatasets has no bands; it is described all the same.
std::unique_ptr<Scene> scene_of(const std::string& name, const std::vector<std::string>& open_options,
                                GDALDataset& dataset) {
    if (dataset.GetRasterCount() == 0) return nullptr;
    SceneDefinition definition;
    definition.paths = {name};
    definition.open_options = open_options;
    for (int band = 1; band <= dataset.GetRasterCount(); ++band) definition.bands.push_back(band);
    return open_scene(definition);
}

Json band_json(const BandInfo& band) {
    return {{"band", band.raster_band + 1},
            {"name", band.name},
            {"type", std::string(name_of(band.type))},
            {"wavelength_nm", number(band.wavelength_nm)},
            {"fwhm_nm", number(band.fwhm_nm)},
            {"bad", band.bad},
            {"scale", number(band.scale)},
            {"offset", number(band.offset)},
            {"unit", band.unit},
            {"nodata", number(band.nodata)}};
}

Json spectile_json(const SceneInfo& info) {
    const Storage& storage = info.rasters.front();
    Json out = {{"stem", info.stem},
                {"georeference", georeference_kind(info.grid.georeference)},
                {"interleave", word_of(storage.interleave)},
                {"block", {storage.block_width, storage.block_height}},
                {"compressed", storage.compressed},
                {"raw", storage.raw}};
    out["network_input"] = std::all_of(info.bands.begin(), info.bands.end(),
                                       [](const BandInfo& band) { return fits_float32(band.type); });
    out["bands"] = Json::array();
    for (const auto& band : info.bands) out["bands"].push_back(band_json(band));
    out["files"] = info.files;
    out["warnings"] = info.warnings;
    return out;
}

std::string spectrum_line(const SceneInfo& info) {
    double low = 0, high = 0;
    int known = 0, bad = 0;
    for (const auto& band : info.bands) {
        bad += band.bad;
        if (!band.wavelength_nm) continue;
        low = known ? std::min(low, *band.wavelength_nm) : *band.wavelength_nm;
        high = known ? std::max(high, *band.wavelength_nm) : *band.wavelength_nm;
        ++known;
    }
    if (known == 0) return "  spectrum      no wavelengths known\n";
    return fmt::format("  spectrum      {} of {} bands have wavelengths, {:g} to {:g} nm; {} marked bad\n",
                       known, info.bands.size(), low, high, bad);
}

std::string georeference_lines(const Georeference& geo) {
    std::string out = fmt::format("  georeference  {}\n", georeference_kind(geo));
    const std::string& wkt = geo.crs_wkt.empty() ? geo.gcp_crs_wkt : geo.crs_wkt;
    if (!wkt.empty()) {
        const OGRSpatialReference crs = crs_of(wkt);
        const char* code = crs.GetAuthorityCode(nullptr);
        out += fmt::format("  CRS           {}{}\n", crs.GetName() ? crs.GetName() : "unnamed",
                           code ? fmt::format(" ({}:{})", crs.GetAuthorityName(nullptr), code) : "");
    }
    const auto& gt = geo.geotransform;
    if (geo.has_geotransform)
        out += fmt::format("  origin        {:.10g}, {:.10g}\n  pixel         {:.10g} x {:.10g}\n", gt[0],
                           gt[3], gt[1], gt[5]);
    if (geo.has_geotransform && (gt[2] != 0 || gt[4] != 0))
        out += fmt::format("  rotation      {:.10g}, {:.10g}\n", gt[2], gt[4]);
    return out;
}

std::string band_line(const BandInfo& band) {
    std::string out = fmt::format("  band {:<4} {:<8}", band.raster_band + 1, name_of(band.type));
    out += band.wavelength_nm ? fmt::format(" {:>9.2f} nm", *band.wavelength_nm) : std::string(13, ' ');
    out += band.fwhm_nm ? fmt::format(" ±{:<6.2f}", *band.fwhm_nm / 2) : std::string(8, ' ');
    if (band.scale != 1 || band.offset != 0) out += fmt::format("  x {:g} + {:g}", band.scale, band.offset);
    if (!band.unit.empty()) out += " " + band.unit;
    if (band.nodata) out += fmt::format("  nodata {:g}", *band.nodata);
    if (band.bad) out += "  bad";
    if (!band.name.empty()) out += "  " + band.name;
    return out + "\n";
}

}  // namespace

std::string scene_info_json(const std::string& name, const std::vector<std::string>& open_options) {
    const DatasetHandle dataset = open_raster(envi_data_file(name), open_options);
    const auto scene = scene_of(name, open_options, *dataset);
    Json out = gdal_info(*dataset);
    out["spectile"] =
        scene ? spectile_json(scene->info())
              : Json{{"bands", Json::array()}, {"warnings", {"no raster bands; name a subdataset"}}};
    return out.dump(2, ' ', false, Json::error_handler_t::replace);
}

std::string scene_info_text(const std::string& name, const std::vector<std::string>& open_options) {
    const DatasetHandle dataset = open_raster(envi_data_file(name), open_options);
    const auto scene = scene_of(name, open_options, *dataset);
    if (!scene) {
        std::string out = name + "\n  no raster bands; its subdatasets are:\n";
        for (char** item = dataset->GetMetadata("SUBDATASETS"); item && *item; ++item)
            if (std::string(*item).find("_NAME=") != std::string::npos)
                out += std::string("    ") + (std::strchr(*item, '=') + 1) + "\n";
        return out;
    }
    const SceneInfo& info = scene->info();
    const Storage& storage = info.rasters.front();
    std::string out = fmt::format("{}\n  size          {} x {} pixels, {} bands\n", name, info.grid.width,
                                  info.grid.height, info.bands.size());
    out += fmt::format("  storage       {}, {} interleaved, blocks of {} x {}{}{}\n", storage.driver,
                       word_of(storage.interleave), storage.block_width, storage.block_height,
                       storage.compressed ? ", compressed" : "", storage.raw ? ", read directly" : "");
    out += georeference_lines(info.grid.georeference) + spectrum_line(info);
    for (const auto& warning : info.warnings) out += "  warning       " + warning + "\n";
    for (const auto& band : info.bands) out += band_line(band);
    return out;
}

}  // namespace spectile
