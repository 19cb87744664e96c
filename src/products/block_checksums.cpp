#include "products/block_checksums.hpp"

#include <atomic>

#include "core/checksum.hpp"
#include "core/pool.hpp"
#include "spectile/error.hpp"

namespace spectile::products {

std::string checksum_block(GDALDataset& dataset, const std::string& path, const Window& window,
                           std::int64_t index, const BlockVisitor& visit) {
    const GDALDataType type = dataset.GetRasterBand(1)->GetRasterDataType();
    const auto pixels = static_cast<std::size_t>(window.area());
    std::vector<std::byte> values(pixels * static_cast<std::size_t>(GDALGetDataTypeSizeBytes(type)));
    const int width = static_cast<int>(window.width), height = static_cast<int>(window.height);
    Xxh3 checksum;
    for (int band = 0; band < dataset.GetRasterCount(); ++band) {
        const GdalErrors errors;
        const CPLErr result = dataset.GetRasterBand(band + 1)->RasterIO(
            GF_Read, static_cast<int>(window.x), static_cast<int>(window.y), width, height, values.data(),
            width, height, type, 0, 0, nullptr);
        if (result != CE_None || errors.failed())
            throw Error(Code::read,
                        path + ": band " + std::to_string(band + 1) + " cannot be read in window " +
                            to_string(window) + "; compute it again",
                        errors.text());
        checksum.update(values.data(), values.size());
        if (visit) visit(index, band, values.data(), pixels);
    }
    return checksum.finish();
}

std::optional<Window> first_difference(const std::string& path, const ExpectedBlocks& expected,
                                       const BlockVisitor& visit) {
    const auto& grid = expected.grid;
    Pool<DatasetHandle> files([&] { return open_raster(path); });
    std::atomic<std::int64_t> first = grid.count();
    // Rows, since formats without tiles decode whole lines.
    const auto read_row = [&](std::int64_t row) {
        files.with([&](const DatasetHandle& dataset) {
            for (std::int64_t index = row * grid.columns(); index < (row + 1) * grid.columns(); ++index)
                if (checksum_block(*dataset, path, grid.window(index), index, visit) !=
                    expected.checksums[static_cast<std::size_t>(index)]) {
                    std::int64_t before = first;
                    while (index < before && !first.compare_exchange_weak(before, index)) {
                    }
                }
        });
    };
    if (expected.parallel)
        expected.parallel(grid.rows(), read_row);
    else
        for (std::int64_t row = 0; row < grid.rows(); ++row) read_row(row);
    if (first == grid.count()) return std::nullopt;
    return grid.window(first);
}

std::vector<std::string> checksum_blocks(GDALDataset& dataset, const std::string& path, int block,
                                         const BlockVisitor& visit) {
    const BlockGrid grid{dataset.GetRasterXSize(), dataset.GetRasterYSize(), block};
    std::vector<std::string> checksums;
    for (std::int64_t index = 0; index < grid.count(); ++index)
        checksums.push_back(checksum_block(dataset, path, grid.window(index), index, visit));
    return checksums;
}

}  // namespace spectile::products
