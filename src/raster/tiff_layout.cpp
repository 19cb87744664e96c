#include "raster/tiff_layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace spectile {
namespace {

/// Blocks beyond this number are left to GDAL: asking for the place of each takes about a microsecond.
constexpr std::int64_t kMostBlocks = std::int64_t{1} << 18;

std::int64_t blocks_for(std::int64_t pixels, int block) { return (pixels + block - 1) / block; }

/// A number that the driver tells of one block; 0 where it does not.
std::int64_t block_number(GDALRasterBand& band, const char* what, std::int64_t col, std::int64_t row) {
    const std::string key = fmt::format("BLOCK_{}_{}_{}", what, col, row);
    const char* text = band.GetMetadataItem(key.c_str(), "TIFF");
    std::int64_t out = 0;
    if (text) std::from_chars(text, text + std::strlen(text), out);
    return out;
}

/// Whether the samples lie as the machine's own, the other way round, or in no TIFF at all.
std::optional<bool> bytes_are_swapped(const std::string& path) {
    std::array<char, 2> mark{};
    if (!std::ifstream(path, std::ios::binary).read(mark.data(), mark.size())) return std::nullopt;
    const std::string_view order(mark.data(), mark.size());
    if (order != "II" && order != "MM") return std::nullopt;
    return (order == "II") != (std::endian::native == std::endian::little);
}

bool fits(GDALDataset& dataset, const RasterSource& source) {
    if (!dataset.GetDriver() || !EQUAL(dataset.GetDriver()->GetDescription(), "GTiff")) return false;
    if (source.storage.compressed || !source.open_options.empty() || source.name.starts_with("/vsi"))
        return false;
    const DataType type = source.bands.front().type;
    const auto same = [&](const SourceBand& band) { return band.type == type; };
    // An odd number of bits fills fewer bytes than its type; its blocks' sizes tell, too.
    return type != DataType::Complex && std::all_of(source.bands.begin(), source.bands.end(), same) &&
           !dataset.GetRasterBand(1)->GetMetadataItem("NBITS", "IMAGE_STRUCTURE");
}

/// Bytes that a block has; the last strip ends with the raster.
std::int64_t block_bytes(const BlockLayout& layout, const RasterSource& source, std::int64_t row) {
    const bool strip = layout.block_width == source.width;
    const std::int64_t lines = strip
                                   ? std::min(layout.block_height, source.height - row * layout.block_height)
                                   : layout.block_height;
    return lines * layout.block_width * layout.samples() * static_cast<std::int64_t>(size_of(layout.type));
}

/// Fills in the places of all blocks of a plane of bands; false where one is not stored or not whole.
bool place_blocks(GDALRasterBand& band, const RasterSource& source, std::int64_t file_bytes,
                  BlockLayout& layout) {
    for (std::int64_t row = 0; row < layout.rows; ++row)
        for (std::int64_t col = 0; col < layout.columns; ++col) {
            const std::int64_t offset = block_number(band, "OFFSET", col, row);
            const std::int64_t bytes = block_bytes(layout, source, row);
            if (offset <= 0 || offset > file_bytes - bytes) return false;
            layout.offsets.push_back(offset);
        }
    return block_number(band, "SIZE", 0, 0) == block_bytes(layout, source, 0) &&
           block_number(band, "SIZE", layout.columns - 1, layout.rows - 1) ==
               block_bytes(layout, source, layout.rows - 1);
}

}  // namespace

std::optional<BlockLayout> tiff_layout(GDALDataset& dataset, const RasterSource& source) {
    if (!fits(dataset, source)) return std::nullopt;
    std::error_code failed;
    const auto file_bytes = static_cast<std::int64_t>(std::filesystem::file_size(source.name, failed));
    const auto swapped = bytes_are_swapped(source.name);
    if (failed || !swapped) return std::nullopt;
    BlockLayout layout;
    layout.path = source.name;
    layout.type = source.bands.front().type;
    layout.swap_bytes = *swapped;
    layout.block_width = source.storage.block_width;
    layout.block_height = source.storage.block_height;
    layout.columns = blocks_for(source.width, source.storage.block_width);
    layout.rows = blocks_for(source.height, source.storage.block_height);
    layout.bands = dataset.GetRasterCount();
    layout.together = source.storage.interleave == Interleave::pixel;
    const int planes = layout.together ? 1 : dataset.GetRasterCount();
    if (layout.columns * layout.rows * planes > kMostBlocks) return std::nullopt;
    for (int plane = 1; plane <= planes; ++plane)
        if (!place_blocks(*dataset.GetRasterBand(plane), source, file_bytes, layout)) return std::nullopt;
    return layout;
}

}  // namespace spectile
