#include "run/stac_assets.hpp"

#include "products/assemble.hpp"
#include "products/footprint.hpp"
#include "products/media_type.hpp"

namespace spectile::run {
namespace {

/// Classes of a raster that has names for values, nodata among them.
std::vector<stac::ItemClass> classes_of(const products::RasterFormat& format) {
    std::vector<stac::ItemClass> classes;
    for (std::size_t value = 0; value < format.categories.size(); ++value) {
        const bool nodata = format.nodata && static_cast<double>(value) == *format.nodata;
        if (format.categories[value].empty() || nodata) continue;
        const auto& c = format.colors[value];
        classes.push_back({static_cast<int>(value), format.categories[value], {c[0], c[1], c[2]}, false});
    }
    if (!classes.empty() && format.nodata)
        classes.push_back({static_cast<int>(*format.nodata), "nodata", {}, true});
    return classes;
}

}  // namespace

stac::ItemPlace place_of(const Grid& grid) {
    stac::ItemPlace place;
    place.width = grid.width;
    place.height = grid.height;
    const auto& geo = grid.georeference;
    if (const auto footprint = products::footprint_of(grid)) {
        place.geometry = footprint->geometry;
        place.bbox = footprint->bbox;
    }
    if (!geo.has_geotransform) return place;
    const auto names = products::crs_names(geo.crs_wkt);
    place.crs_code = names.code;
    place.crs_projjson = names.projjson;
    place.geotransform = geo.geotransform;
    return place;
}

stac::ProductAsset raster_asset(const RasterOutput& raster) {
    const auto& format = raster.product->format();
    const auto& definition = raster.definition;
    stac::ProductAsset asset{.kind = definition.kind, .path = definition.path, .roles = {"data"}};
    asset.media_type = products::media_type_of_driver(
        definition.format.empty() ? products::default_driver(format) : definition.format);
    for (int i = 0; i < format.bands; ++i) {
        const auto at = static_cast<std::size_t>(i);
        stac::ItemBand band;
        if (at < format.band_names.size()) band.name = format.band_names[at];
        if (at < format.band_infos.size()) {
            if (band.name.empty()) band.name = format.band_infos[at].name;
            band.wavelength_nm = format.band_infos[at].wavelength_nm;
            band.fwhm_nm = format.band_infos[at].fwhm_nm;
        }
        if (band.name.empty()) band.name = "band " + std::to_string(i + 1);
        asset.bands.push_back(band);
    }
    asset.type = format.type;
    asset.nodata = format.nodata;
    asset.scale = format.scale;
    asset.offset = format.offset;
    asset.classes = classes_of(format);
    return asset;
}

stac::ProductAsset other_asset(const ProductDefinition& other) {
    const bool data = products::has_features(other.kind);
    return {.kind = other.kind,
            .path = other.path,
            .media_type = products::media_type_of_file(other.path),
            .roles = {data                     ? "data"
                      : other.kind == "report" ? "overview"
                                               : "metadata"}};
}

void add_sum(stac::ProductAsset& asset, const products::RecordedFile& file) {
    asset.bytes = static_cast<std::uint64_t>(file.bytes);
    asset.sha256 = file.sha256;
}

}  // namespace spectile::run
