#include "products/compare_file.hpp"

#include <mutex>

#include "products/block_checksums.hpp"
#include "products/describe_raster.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

/// Pixels of each value, counted from several threads.
class ValueCounts {
public:
    explicit ValueCounts(DataType type) : type_(type), counts_(type == DataType::Byte ? 256 : 65536) {}

    void add(const void* values, std::size_t pixels) {
        std::vector<std::int64_t> own(counts_.size());
        if (type_ == DataType::Byte)
            for (std::size_t i = 0; i < pixels; ++i) ++own[static_cast<const std::uint8_t*>(values)[i]];
        else
            for (std::size_t i = 0; i < pixels; ++i) ++own[static_cast<const std::uint16_t*>(values)[i]];
        const std::lock_guard lock(mutex_);
        for (std::size_t value = 0; value < own.size(); ++value) counts_[value] += own[value];
    }
    std::map<int, std::int64_t> found() const {
        std::map<int, std::int64_t> found;
        for (std::size_t value = 0; value < counts_.size(); ++value)
            if (counts_[value] > 0) found[static_cast<int>(value)] = counts_[value];
        return found;
    }

private:
    DataType type_;
    std::mutex mutex_;
    std::vector<std::int64_t> counts_;
};

void check_shape(const AssembleJob& job, const BlockGrid& grid, GDALDataset& dataset) {
    if (dataset.GetRasterXSize() != grid.width || dataset.GetRasterYSize() != grid.height ||
        dataset.GetRasterCount() != job.format.bands ||
        dataset.GetRasterBand(1)->GetRasterDataType() != gdal_type_of(job.format.type))
        throw Error(Code::verification, job.target +
                                            ": size, bands or type are not what was computed; the format " +
                                            dataset.GetDriverName() + " cannot hold them, use another");
}

}  // namespace

void compare_file(const AssembleJob& job, const PartMosaic& mosaic, AssembleResult& result) {
    const auto& format = job.format;
    check_shape(job, mosaic.grid(), *open_raster(result.partial_path));
    const bool counted =
        !format.colors.empty() && (format.type == DataType::Byte || format.type == DataType::UInt16);
    ValueCounts counts(format.type);
    const auto count = [&](std::int64_t, int, const void* values, std::size_t pixels) {
        counts.add(values, pixels);
    };
    const auto window = first_difference(result.partial_path, {mosaic.grid(), mosaic.blocks(), job.parallel},
                                         counted ? BlockVisitor(count) : BlockVisitor());
    if (window)
        throw Error(Code::verification,
                    job.target + ": window " + to_string(*window) +
                        " differs from what was computed; check the disk, and use no lossy options");
    result.blocks = mosaic.blocks();
    if (counted) result.pixels_of_value = counts.found();
}

}  // namespace spectile::products
