#include "products/block_checksums.hpp"

#include "core/checksum.hpp"
#include "spectile/error.hpp"

namespace spectile::products {

Window BlockGrid::window(std::int64_t index) const {
    const std::int64_t col = index % columns();
    const std::int64_t row = index / columns();
    return intersect({col * block, row * block, block, block}, {0, 0, width, height});
}

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

std::vector<std::string> checksum_blocks(GDALDataset& dataset, const std::string& path, int block,
                                         const BlockVisitor& visit) {
    const BlockGrid grid{dataset.GetRasterXSize(), dataset.GetRasterYSize(), block};
    std::vector<std::string> checksums;
    for (std::int64_t index = 0; index < grid.count(); ++index)
        checksums.push_back(checksum_block(dataset, path, grid.window(index), index, visit));
    return checksums;
}

}  // namespace spectile::products
