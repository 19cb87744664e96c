#pragma once

#include <gdal_priv.h>

#include <memory>

namespace spectile {

struct DatasetCloser {
    void operator()(GDALDataset* dataset) const { GDALClose(dataset); }
};
/// An open GDAL dataset; belongs to one thread at a time. On GDAL before 3.7 closing returns nothing: whoever
/// writes keeps a GdalErrors open meanwhile.
using DatasetHandle = std::unique_ptr<GDALDataset, DatasetCloser>;

}  // namespace spectile
