#include "products/gdal_dataset.hpp"

#include <filesystem>

#include "spectile/error.hpp"

namespace spectile::products {

GDALDriver& driver_of(const std::string& name) {
    start_gdal();
    auto* driver = GetGDALDriverManager()->GetDriverByName(name.c_str());
    if (!driver)
        throw Error(Code::definition,
                    "format '" + name + "': this GDAL has no such driver; see gdalinfo --formats");
    return *driver;
}

bool needs_signed_byte(DataType type) { return type == DataType::Int8 && GDAL_VERSION_NUM < 3070000; }

GDALDataType gdal_type_of(DataType type) {
    switch (type) {
        case DataType::Byte:
            return GDT_Byte;
        case DataType::UInt16:
            return GDT_UInt16;
        case DataType::Int16:
            return GDT_Int16;
        case DataType::UInt32:
            return GDT_UInt32;
        case DataType::Int32:
            return GDT_Int32;
        case DataType::UInt64:
            return GDT_UInt64;
        case DataType::Int64:
            return GDT_Int64;
        case DataType::Float32:
            return GDT_Float32;
        case DataType::Float64:
            return GDT_Float64;
        case DataType::Complex:
            return GDT_CFloat64;
        case DataType::Int8:
            break;
    }
#if GDAL_VERSION_NUM >= 3070000
    return GDT_Int8;
#else
    return GDT_Byte;
#endif
}

DatasetHandle open_raster(const std::string& path) {
    start_gdal();
    const GdalErrors errors;
    DatasetHandle dataset(
        GDALDataset::Open(path.c_str(), GDAL_OF_RASTER | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR));
    if (dataset) return dataset;
    if (!std::filesystem::exists(path)) throw Error(Code::missing, path + ": is not there", errors.text());
    throw Error(Code::read, path + ": cannot be opened as a raster; compute it again", errors.text());
}

std::string lossless_codec(GDALDriver& driver) {
    const char* options = driver.GetMetadataItem(GDAL_DMD_CREATIONOPTIONLIST);
    return options && std::string(options).find("<Value>ZSTD</Value>") != std::string::npos ? "ZSTD"
                                                                                            : "DEFLATE";
}

}  // namespace spectile::products
