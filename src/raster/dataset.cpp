#include "raster/dataset.hpp"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "gdal/errors.hpp"
#include "gdal/setup.hpp"
#include "spectile/error.hpp"

namespace spectile {
namespace {

/// Says why `name` did not open. Names that are no file (NETCDF:...) are left to GDAL's words.
[[noreturn]] void throw_open_error(const std::string& name, const char* what, const GdalErrors& errors) {
    std::error_code ignored;
    const bool vsi = name.starts_with("/vsi");
    VSIStatBufL status{};
    const bool there = VSIStatL(name.c_str(), &status) == 0;
    const std::string detail = errors.text();
    if (!vsi && !there && errno == EACCES)
        throw Error(Code::permission, name + ": not allowed to read it; check the folder's permissions",
                    detail);
    const bool file_like = name.starts_with("/") || std::filesystem::path(name).has_extension();
    const bool prefixed = name.find(':') != std::string::npos || name.find('<') != std::string::npos;
    if (!there && file_like && !prefixed) throw Error(Code::missing, name + ": no such file", detail);
    if (!vsi && there && ::access(name.c_str(), R_OK) != 0)
        throw Error(Code::permission, name + ": not allowed to read it; check its permissions", detail);
    if (!there && detail.find("o such file") != std::string::npos)
        throw Error(Code::missing, name + ": no such file", detail);
    // GDAL reads a product of Sentinel-2 through the XML file in it, which lists the subdatasets.
    const std::string advice =
        file_like && std::filesystem::path(name).extension() == ".SAFE"
            ? "; give the MTD_*.xml in it, or a subdataset that spectile info lists of that"
            : "; check the file and the drivers (gdalinfo --formats)";
    throw Error(Code::scene, name + ": GDAL does not recognise it as a " + what + advice, detail);
}

DatasetHandle open(const std::string& name, const std::vector<std::string>& open_options, unsigned flags,
                   const char* what) {
    start_gdal();
    CPLStringList options;
    for (const auto& option : open_options) options.AddString(option.c_str());
    GdalErrors errors;
    DatasetHandle dataset(static_cast<GDALDataset*>(GDALOpenEx(
        name.c_str(), flags | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR, nullptr, options.List(), nullptr)));
    if (!dataset) throw_open_error(name, what, errors);
    errors.refuse_lost_reads(name);
    return dataset;
}

}  // namespace

DatasetHandle open_raster(const std::string& name, const std::vector<std::string>& open_options) {
    return open(name, open_options, GDAL_OF_RASTER, "raster");
}

DatasetHandle open_vector(const std::string& name, const std::vector<std::string>& open_options) {
    return open(name, open_options, GDAL_OF_VECTOR, "vector");
}

bool is_vector(const std::string& name) {
    start_gdal();
    GdalErrors quiet;
    const DatasetHandle raster(
        static_cast<GDALDataset*>(GDALOpenEx(name.c_str(), GDAL_OF_RASTER, nullptr, nullptr, nullptr)));
    if (raster && raster->GetRasterCount() > 0) return false;
    const DatasetHandle vector(
        static_cast<GDALDataset*>(GDALOpenEx(name.c_str(), GDAL_OF_VECTOR, nullptr, nullptr, nullptr)));
    return vector != nullptr;
}

DataType data_type_of(GDALRasterBand& band) {
    const GDALDataType type = band.GetRasterDataType();
    if (GDALDataTypeIsComplex(type)) return DataType::Complex;
    switch (type) {
        case GDT_Byte: {
            const char* kind = band.GetMetadataItem("PIXELTYPE", "IMAGE_STRUCTURE");
            return kind && EQUAL(kind, "SIGNEDBYTE") ? DataType::Int8 : DataType::Byte;
        }
        case GDT_UInt16:
            return DataType::UInt16;
        case GDT_Int16:
            return DataType::Int16;
        case GDT_UInt32:
            return DataType::UInt32;
        case GDT_Int32:
            return DataType::Int32;
        case GDT_UInt64:
            return DataType::UInt64;
        case GDT_Int64:
            return DataType::Int64;
        case GDT_Float64:
            return DataType::Float64;
        default:
            break;
    }
    // Int8 came with GDAL 3.7; Float16 with 3.11, and float32 holds all of it.
    return std::strcmp(GDALGetDataTypeName(type), "Int8") == 0 ? DataType::Int8 : DataType::Float32;
}

}  // namespace spectile
