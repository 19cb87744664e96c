#include "products/part_mosaic.hpp"

#include <cpl_conv.h>
#include <cpl_string.h>

#include <algorithm>
#include <limits>

#include "spectile/error.hpp"

namespace spectile::products {
namespace {

constexpr std::size_t kNobody = std::numeric_limits<std::size_t>::max();
/// An open part holds its blocks' buffers, so no more are open than one row of blocks reads from, and no more
/// than this of a very wide mosaic.
constexpr std::size_t kOpenFiles = 128;

std::string escaped(const std::string& text) {
    char* out = CPLEscapeString(text.c_str(), static_cast<int>(text.size()), CPLES_XML);
    std::string result = out;
    CPLFree(out);
    return result;
}

/// A part that was finished and is gone is a fault of the disk, not a file that the user forgot.
DatasetHandle open_part(const std::string& path) {
    try {
        return open_raster(path);
    } catch (const Error& error) {
        if (error.code() != Code::missing) throw;
        throw Error(Code::read, path + ": was finished and is gone; run the same command again",
                    error.detail());
    }
}

/// A source that names its file's properties, so that building a mosaic of ten thousand parts opens none of
/// them.
std::string source_xml(const StoredPart& part, int band, const RasterFormat& format, int block) {
    const auto& w = part.window;
    const std::string size =
        "xSize=\"" + std::to_string(w.width) + "\" ySize=\"" + std::to_string(w.height) + "\"/>";
    return "<SimpleSource><SourceFilename relativeToVRT=\"0\">" + escaped(part.path) +
           "</SourceFilename><SourceBand>" + std::to_string(band + 1) +
           "</SourceBand><SourceProperties RasterXSize=\"" + std::to_string(w.width) + "\" RasterYSize=\"" +
           std::to_string(w.height) + "\" DataType=\"" + GDALGetDataTypeName(gdal_type_of(format.type)) +
           "\" BlockXSize=\"" + std::to_string(block) + "\" BlockYSize=\"" + std::to_string(block) +
           "\"/><SrcRect xOff=\"0\" yOff=\"0\" " + size + "<DstRect xOff=\"" + std::to_string(w.x) +
           "\" yOff=\"" + std::to_string(w.y) + "\" " + size + "</SimpleSource>";
}

}  // namespace

PartMosaic::PartMosaic(BlockGrid grid, std::vector<StoredPart> parts)
    : grid_(grid), parts_(std::move(parts)) {
    owner_.assign(static_cast<std::size_t>(grid_.count()), kNobody);
    blocks_.resize(owner_.size());
    for (std::size_t p = 0; p < parts_.size(); ++p) {
        const auto& part = parts_[p];
        const BlockGrid own{part.window.width, part.window.height, grid_.block};
        bool fits = part.window.x % grid_.block == 0 && part.window.y % grid_.block == 0 &&
                    Window{0, 0, grid_.width, grid_.height}.contains(part.window) &&
                    own.count() == static_cast<std::int64_t>(part.blocks.size());
        for (std::int64_t i = 0; fits && i < own.count(); ++i) {
            const std::int64_t row = part.window.y / grid_.block + i / own.columns();
            const auto index = static_cast<std::size_t>(row * grid_.columns() + part.window.x / grid_.block +
                                                        i % own.columns());
            fits = owner_[index] == kNobody;
            owner_[index] = p;
            blocks_[index] = part.blocks[static_cast<std::size_t>(i)];
        }
        if (!fits)
            throw Error(Code::internal,
                        part.path + ": part " + to_string(part.window) + " does not fit the output's blocks");
    }
    for (std::size_t i = 0; i < owner_.size(); ++i)
        if (owner_[i] == kNobody)
            throw Error(Code::internal, "no part covers window " +
                                            to_string(grid_.window(static_cast<std::int64_t>(i))) +
                                            " of the output");
    for (std::int64_t row = 0; row < grid_.count() / grid_.columns(); ++row)
        most_open_ = std::max(most_open_, touching({0, row * grid_.block, grid_.width, 1}).size());
    most_open_ = std::min(most_open_, kOpenFiles);
}

std::vector<std::size_t> PartMosaic::touching(const Window& window) const {
    std::vector<std::size_t> parts;
    for (std::int64_t row = window.y / grid_.block; row <= (window.bottom() - 1) / grid_.block; ++row)
        for (std::int64_t col = window.x / grid_.block; col <= (window.right() - 1) / grid_.block; ++col)
            parts.push_back(owner_[static_cast<std::size_t>(row * grid_.columns() + col)]);
    std::sort(parts.begin(), parts.end());
    parts.erase(std::unique(parts.begin(), parts.end()), parts.end());
    return parts;
}

GDALDataset& PartMosaic::open(std::size_t part) {
    const auto found =
        std::find_if(open_.begin(), open_.end(), [&](const auto& entry) { return entry.first == part; });
    if (found != open_.end()) {
        open_.splice(open_.begin(), open_, found);
    } else {
        if (open_.size() == most_open_) open_.pop_back();
        open_.emplace_front(part, open_part(parts_[part].path));
    }
    return *open_.front().second;
}

void PartMosaic::read(const Window& window, int band, GDALDataType type, std::byte* out,
                      std::int64_t line_pixels) {
    const std::int64_t size = GDALGetDataTypeSizeBytes(type);
    for (const std::size_t index : touching(window)) {
        const auto& part = parts_[index];
        const Window common = intersect(window, part.window);
        auto* target = out + ((common.y - window.y) * line_pixels + common.x - window.x) * size;
        const int width = static_cast<int>(common.width), height = static_cast<int>(common.height);
        auto& dataset = open(index);
        const GdalErrors errors;
        const CPLErr result = dataset.GetRasterBand(band + 1)->RasterIO(
            GF_Read, static_cast<int>(common.x - part.window.x), static_cast<int>(common.y - part.window.y),
            width, height, target, width, height, type, size, line_pixels * size, nullptr);
        if (result != CE_None || errors.failed())
            throw Error(Code::read,
                        part.path + ": band " + std::to_string(band + 1) +
                            " cannot be read; delete the file " + "and run the same command again",
                        errors.text());
    }
}

DatasetHandle PartMosaic::as_virtual_raster(const RasterFormat& format) const {
    const GdalErrors errors;
    DatasetHandle mosaic(driver_of("VRT").Create("", static_cast<int>(grid_.width),
                                                 static_cast<int>(grid_.height), format.bands,
                                                 gdal_type_of(format.type), nullptr));
    for (int band = 0; mosaic && band < format.bands; ++band) {
        auto& virtual_band = *mosaic->GetRasterBand(band + 1);
        if (needs_signed_byte(format.type))
            virtual_band.SetMetadataItem("PIXELTYPE", "SIGNEDBYTE", "IMAGE_STRUCTURE");
        for (std::size_t part = 0; part < parts_.size(); ++part)
            virtual_band.SetMetadataItem(("source_" + std::to_string(part)).c_str(),
                                         source_xml(parts_[part], band, format, grid_.block).c_str(),
                                         "new_vrt_sources");
    }
    if (!mosaic || errors.failed()) throw Error(Code::internal, "the parts cannot be joined", errors.text());
    return mosaic;
}

}  // namespace spectile::products
