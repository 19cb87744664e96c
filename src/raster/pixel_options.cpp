#include "raster/pixel_options.hpp"

#include <cpl_conv.h>

namespace spectile {
namespace {

// A further option is one line here and one in docs/formats.md.
constexpr const char* kOptions[] = {
    // Which file or tag is believed.
    "GDAL_PAM_ENABLED",
    "GDAL_GEOREF_SOURCES",
    "GTIFF_SRS_SOURCE",
    "GTIFF_POINT_GEO_IGNORE",
    "GTIFF_REPORT_COMPD_CS",
    "GTIFF_HONOUR_NEGATIVE_SCALEY",
    "GTIFF_IMPORT_FROM_EPSG",
    "GDAL_SKIP",
    // How pixels are decoded.
    "GDAL_JPEG_TO_RGB",
    "GTIFF_IGNORE_READ_ERRORS",
    "GDAL_ERROR_ON_LIBJPEG_WARNING",
    "GDAL_TIFF_INTERNAL_MASK_TO_8BIT",
    "GDAL_NETCDF_BOTTOMUP",
    "GDAL_NETCDF_CENTERLONG_180",
    "GDAL_NETCDF_IGNORE_XY_AXIS_NAME_CHECKS",
    "GDAL_VRT_ENABLE_PYTHON",
    "GRIB_NORMALIZE_UNITS",
    "GRIB_ADJUST_LONGITUDE_RANGE",
    // Where coordinates lead.
    "OGR_CT_FORCE_TRADITIONAL_GIS_ORDER",
    "OGR_CT_OP_SELECTION",
    "OSR_DEFAULT_AXIS_MAPPING_STRATEGY",
    "OSR_STRIP_TOWGS84",
    "OSR_ADD_TOWGS84_ON_IMPORT_FROM_EPSG",
    "CENTER_LONG",
    // How files are laid out.
    "GDAL_TIFF_ENDIANNESS",
    "GDAL_TIFF_DEFLATE_SUBCODEC",
    "GDAL_TIFF_INTERNAL_MASK",
    "GTIFF_WRITE_TOWGS84",
    "GDAL_OVR_PROPAGATE_NODATA",
    "COMPRESS_OVERVIEW",
    "PREDICTOR_OVERVIEW",
    "JPEG_QUALITY_OVERVIEW",
    "ESRI_XML_PAM",
};

}  // namespace

std::map<std::string, std::string> pixel_options() {
    std::map<std::string, std::string> set;
    for (const char* name : kOptions)
        if (const char* value = CPLGetConfigOption(name, nullptr)) set[name] = value;
    return set;
}

}  // namespace spectile
