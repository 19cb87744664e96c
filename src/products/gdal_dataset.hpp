#pragma once

#include <gdal_priv.h>

#include <memory>
#include <string>

#include "spectile/data_type.hpp"

// What the files of this folder share of GDAL: handles that close themselves, errors that cannot be
// overlooked, names of types. A dataset belongs to one thread at a time. On GDAL before 3.7 closing reports
// nothing, so errors are collected by a handler for as long as a GdalErrors lives.

namespace spectile::products {

struct CloseDataset {
    void operator()(GDALDataset* dataset) const { GDALClose(dataset); }
};
using DatasetPtr = std::unique_ptr<GDALDataset, CloseDataset>;

/// Collects what GDAL reports on this thread while it lives, instead of printing it.
class GdalErrors {
public:
    GdalErrors();
    ~GdalErrors();
    GdalErrors(const GdalErrors&) = delete;
    GdalErrors& operator=(const GdalErrors&) = delete;

    bool failed() const { return failed_; }
    /// Everything said so far, warnings too, in one line.
    const std::string& text() const { return text_; }

private:
    static void CPL_STDCALL listen(CPLErr level, CPLErrorNum number, const char* message);
    bool failed_ = false;
    std::string text_;
};

/// Registers GDAL's drivers, once per process.
void register_gdal();
/// Throws Error{Code::definition} where GDAL has no such driver.
GDALDriver& driver_of(const std::string& name);
/// Int8 is Byte with PIXELTYPE=SIGNEDBYTE before GDAL 3.7.
GDALDataType gdal_type_of(DataType type);
bool needs_signed_byte(DataType type);
/// The raster at `path`, read-only. Throws Error{Code::missing} or Error{Code::read} naming it.
DatasetPtr open_raster(const std::string& path);
/// ZSTD where the driver has it, else DEFLATE.
std::string lossless_codec(GDALDriver& driver);

}  // namespace spectile::products
