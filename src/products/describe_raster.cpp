#include "products/describe_raster.hpp"

#include <cpl_string.h>
#include <ogr_spatialref.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "spectile/error.hpp"

namespace spectile::products {
namespace {

/// Of a pixel, by which a format may displace a corner when it writes coordinates in its own way.
constexpr double kRounding = 1e-6;

/// The shortest text that reads back as the same double.
std::string text_of(double value) {
    char text[40];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    return {text, end};
}

OGRSpatialReference crs_of(const std::string& wkt) {
    OGRSpatialReference crs;
    crs.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    if (crs.importFromWkt(wkt.c_str()) != OGRERR_NONE)
        throw Error(Code::internal, "the scene's CRS cannot be read back from its WKT", wkt);
    return crs;
}

CPLStringList list_of(const std::map<std::string, std::string>& items) {
    CPLStringList list;
    for (const auto& [key, value] : items) list.SetNameValue(key.c_str(), value.c_str());
    return list;
}

void set_gcps(GDALDataset& dataset, const Georeference& georeference) {
    std::vector<GDAL_GCP> gcps;
    for (const auto& gcp : georeference.gcps)
        gcps.push_back({const_cast<char*>(gcp.id.c_str()), const_cast<char*>(gcp.info.c_str()), gcp.pixel,
                        gcp.line, gcp.crs_x, gcp.crs_y, gcp.crs_z});
    const OGRSpatialReference crs =
        georeference.gcp_crs_wkt.empty() ? OGRSpatialReference() : crs_of(georeference.gcp_crs_wkt);
    dataset.SetGCPs(static_cast<int>(gcps.size()), gcps.data(),
                    georeference.gcp_crs_wkt.empty() ? nullptr : &crs);
}

void set_wavelength(GDALRasterBand& band, const BandInfo& info) {
    if (!info.wavelength_nm) return;
    band.SetMetadataItem("wavelength", text_of(*info.wavelength_nm).c_str());
    band.SetMetadataItem("wavelength_units", "Nanometers");
    band.SetMetadataItem("CENTRAL_WAVELENGTH_UM", text_of(*info.wavelength_nm / 1000).c_str(), "IMAGERY");
    if (!info.fwhm_nm) return;
    band.SetMetadataItem("fwhm", text_of(*info.fwhm_nm).c_str());
    band.SetMetadataItem("FWHM_UM", text_of(*info.fwhm_nm / 1000).c_str(), "IMAGERY");
}

void set_classes(GDALRasterBand& band, const RasterFormat& format) {
    if (!format.colors.empty()) {
        GDALColorTable table;
        for (std::size_t value = 0; value < format.colors.size(); ++value) {
            const auto& color = format.colors[value];
            const GDALColorEntry entry{color[0], color[1], color[2], color[3]};
            table.SetColorEntry(static_cast<int>(value), &entry);
        }
        band.SetColorTable(&table);
        band.SetColorInterpretation(GCI_PaletteIndex);
    }
    if (!format.categories.empty()) {
        CPLStringList names;
        for (const auto& name : format.categories) names.AddString(name.c_str());
        band.SetCategoryNames(names.List());
    }
}

bool same_names(char** names, const std::vector<std::string>& wanted) {
    if (CSLCount(names) != static_cast<int>(wanted.size())) return false;
    for (std::size_t i = 0; i < wanted.size(); ++i)
        if (wanted[i] != names[i]) return false;
    return true;
}

/// Puts a geotransform that the format rounded into the sidecar. netCDF takes none there: the centres of its
/// pixels have to do, as long as they are right.
void complete_geotransform(GDALDataset& dataset, std::array<double, 6> wanted, const std::string& path) {
    std::array<double, 6> found{};
    const bool there = dataset.GetGeoTransform(found.data()) == CE_None;
    if (there && found == wanted) return;
    const GdalErrors errors;
    dataset.SetGeoTransform(wanted.data());
    if (!errors.failed()) return;
    const double far = std::max(dataset.GetRasterXSize(), dataset.GetRasterYSize());
    const double pixel =
        std::max(std::abs(wanted[1]) + std::abs(wanted[2]), std::abs(wanted[4]) + std::abs(wanted[5]));
    bool close = there;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const double reach = i % 3 == 0 ? 1 : far;
        close = close && std::abs(found[i] - wanted[i]) * reach < kRounding * pixel;
    }
    if (!close) throw Error(Code::write, path + ".aux.xml: cannot be written", errors.text());
}

}  // namespace

void describe_dataset(GDALDataset& dataset, const Georeference& georeference,
                      const std::map<std::string, std::string>& tags) {
    std::map<std::string, std::string> items = tags;
    items.insert(georeference.tiff_tags.begin(), georeference.tiff_tags.end());
    if (!georeference.area_or_point.empty()) items["AREA_OR_POINT"] = georeference.area_or_point;
    dataset.SetMetadata(list_of(items).List());
    if (!georeference.crs_wkt.empty()) {
        const OGRSpatialReference crs = crs_of(georeference.crs_wkt);
        dataset.SetSpatialRef(&crs);
    }
    if (georeference.has_geotransform) {
        auto geotransform = georeference.geotransform;
        dataset.SetGeoTransform(geotransform.data());
    } else if (!georeference.gcps.empty()) {
        set_gcps(dataset, georeference);
    }
    if (!georeference.rpc.empty()) dataset.SetMetadata(list_of(georeference.rpc).List(), "RPC");
}

std::map<std::string, std::string> envi_items(const RasterFormat& format) {
    const auto& infos = format.band_infos;
    const auto known = [](const BandInfo& info) { return info.wavelength_nm.has_value(); };
    if (infos.empty() || !std::all_of(infos.begin(), infos.end(), known)) return {};
    std::string wavelengths, widths, good;
    bool all_widths = true;
    for (const auto& info : infos) {
        const char* separator = wavelengths.empty() ? "" : ", ";
        wavelengths += separator + text_of(*info.wavelength_nm);
        all_widths = all_widths && info.fwhm_nm;
        widths += separator + text_of(info.fwhm_nm.value_or(0));
        good += std::string(separator) + (info.bad ? "0" : "1");
    }
    std::map<std::string, std::string> items = {{"wavelength_units", "Nanometers"},
                                                {"wavelength", "{" + wavelengths + "}"},
                                                {"bbl", "{" + good + "}"}};
    if (all_widths) items["fwhm"] = "{" + widths + "}";
    return items;
}

void describe_bands(GDALDataset& dataset, const RasterFormat& format) {
    for (int i = 0; i < format.bands; ++i) {
        auto& band = *dataset.GetRasterBand(i + 1);
        const auto index = static_cast<std::size_t>(i);
        if (format.nodata) band.SetNoDataValue(*format.nodata);
        if (index < format.band_names.size() && !format.band_names[index].empty())
            band.SetDescription(format.band_names[index].c_str());
        const bool own = index < format.band_infos.size();
        const double scale = own ? format.band_infos[index].scale : format.scale;
        const double offset = own ? format.band_infos[index].offset : format.offset;
        if (scale != 1 || offset != 0) {
            band.SetScale(scale);
            band.SetOffset(offset);
        }
        if (!own) continue;
        if (!format.band_infos[index].unit.empty()) band.SetUnitType(format.band_infos[index].unit.c_str());
        set_wavelength(band, format.band_infos[index]);
    }
    if (format.bands == 1) set_classes(*dataset.GetRasterBand(1), format);
    if (const auto items = envi_items(format); !items.empty())
        dataset.SetMetadata(list_of(items).List(), "ENVI");
}

void complete_sidecar(const std::string& path, const Georeference& georeference, const RasterFormat& format) {
    const auto dataset = open_raster(path);
    if (georeference.has_geotransform) complete_geotransform(*dataset, georeference.geotransform, path);
    const GdalErrors errors;  // Drivers that cannot hold a thing say so here; the sidecar then does.
    if (!georeference.geolocation.empty())
        dataset->SetMetadata(list_of(georeference.geolocation).List(), "GEOLOCATION");
    GDALRasterBand* band = dataset->GetRasterBand(1);  // None of a Zarr that came out as several arrays.
    const bool has_sidecar = band && !EQUAL(dataset->GetDriverName(), "Zarr");
    if (has_sidecar && !format.categories.empty() &&
        !same_names(band->GetCategoryNames(), format.categories)) {
        CPLStringList names;
        for (const auto& name : format.categories) names.AddString(name.c_str());
        band->SetCategoryNames(names.List());
    }
    dataset->FlushCache(true);
    if (errors.failed()) throw Error(Code::write, path + ".aux.xml: cannot be written", errors.text());
}

}  // namespace spectile::products
