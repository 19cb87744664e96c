#include "products/part_writer.hpp"

#include <cpl_string.h>

#include <cstring>
#include <filesystem>

#include "core/checksum.hpp"
#include "products/block_checksums.hpp"
#include "products/durable_file.hpp"
#include "products/gdal_dataset.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

CPLStringList part_options(GDALDriver& driver, const RasterFormat& format, int block,
                           const PartWriting& how) {
    CPLStringList options;
    options.SetNameValue("TILED", "YES");
    options.SetNameValue("BLOCKXSIZE", std::to_string(block).c_str());
    options.SetNameValue("BLOCKYSIZE", std::to_string(block).c_str());
    options.SetNameValue("BIGTIFF", "YES");
    options.SetNameValue("NUM_THREADS", std::to_string(how.threads).c_str());
    options.SetNameValue("INTERLEAVE", format.bands > 1 ? "BAND" : "PIXEL");
    if (how.compress) {
        const std::string codec = lossless_codec(driver);
        options.SetNameValue("COMPRESS", codec.c_str());
        options.SetNameValue(codec == "ZSTD" ? "ZSTD_LEVEL" : "ZLEVEL", "1");
    }
    if (needs_signed_byte(format.type)) options.SetNameValue("PIXELTYPE", "SIGNEDBYTE");
    return options;
}

}  // namespace

struct PartWriter::Impl {
    std::string final_path;
    std::string temporary;  ///< Beside `final_path`.
    std::string written;    ///< What GDAL writes: `temporary`, or a file on scratch.
    RasterFormat format;
    PartWriting how;
    BlockGrid grid;
    std::size_t value_bytes = 0;
    std::int64_t next_row = 0;
    std::vector<std::byte> buffer;  ///< One whole block; what lies beyond the part's edge is zero.
    std::vector<std::string> blocks;
    DatasetHandle dataset;

    ~Impl() {
        const GdalErrors unheard;  // The file is thrown away.
        dataset.reset();
        std::error_code ignored;
        for (const auto& path : {temporary, written})
            if (!path.empty()) std::filesystem::remove(path, ignored);
    }
    void create();
    void leave_scratch();
    void write_block(std::int64_t index, std::int64_t first_row, std::int64_t rows,
                     std::span<const std::byte> values);
    void compare() const;
};

void PartWriter::Impl::create() {
    auto& driver = driver_of("GTiff");
    const GdalErrors errors;
    const auto options = part_options(driver, format, grid.block, how);
    dataset.reset(driver.Create(written.c_str(), static_cast<int>(grid.width), static_cast<int>(grid.height),
                                format.bands, gdal_type_of(format.type), options.List()));
    if (!dataset || errors.failed()) throw_write_error(written, "cannot be created", errors.text());
}

void PartWriter::Impl::write_block(std::int64_t index, std::int64_t first_row, std::int64_t rows,
                                   std::span<const std::byte> values) {
    const Window window = grid.window(index);
    const std::size_t line = static_cast<std::size_t>(window.width) * value_bytes;
    Xxh3 checksum;
    for (int band = 0; band < format.bands; ++band) {
        if (window.area() < std::int64_t{grid.block} * grid.block)
            std::fill(buffer.begin(), buffer.end(), std::byte{0});
        for (std::int64_t row = 0; row < window.height; ++row) {
            const std::int64_t from = (band * rows + window.y - first_row + row) * grid.width + window.x;
            const auto* source = values.data() + static_cast<std::size_t>(from) * value_bytes;
            std::memcpy(buffer.data() + static_cast<std::size_t>(row * grid.block) * value_bytes, source,
                        line);
            checksum.update(source, line);
        }
        const GdalErrors errors;
        const CPLErr result = dataset->GetRasterBand(band + 1)->WriteBlock(
            static_cast<int>(window.x / grid.block), static_cast<int>(window.y / grid.block), buffer.data());
        if (result != CE_None || errors.failed())
            throw_write_error(written, "cannot be written in window " + to_string(window), errors.text());
    }
    blocks.push_back(checksum.finish());
}

/// Copies to the final file system; the copy is what is compared.
void PartWriter::Impl::leave_scratch() {
    if (written == temporary) return;
    std::error_code failure;
    if (!std::filesystem::exists(written, failure))
        throw_write_error(written, "it vanished while it was written", "");
    std::filesystem::copy_file(written, temporary, failure);
    if (failure) throw_write_error(temporary, "cannot be copied from " + written, failure.message());
    std::filesystem::remove(written, failure);
    written = temporary;
}

void PartWriter::Impl::compare() const {
    if (!std::filesystem::exists(temporary))
        throw_write_error(temporary, "it vanished while it was written", "");
    if (const auto window = first_difference(temporary, {grid, blocks, how.parallel}))
        throw Error(Code::verification, final_path + ": window " + to_string(*window) +
                                            " did not come back from disk as it was written; check the disk");
}

PartWriter::PartWriter(const std::string& final_path, const RasterFormat& format, const BlockGrid& grid,
                       PartWriting how)
    : impl_(std::make_unique<Impl>()) {
    impl_->final_path = final_path;
    impl_->temporary = temporary_name(final_path);
    impl_->written = how.scratch.empty()
                         ? impl_->temporary
                         : how.scratch + "/" + std::filesystem::path(impl_->temporary).filename().string();
    impl_->format = format;
    impl_->how = std::move(how);
    impl_->grid = grid;
    impl_->value_bytes = size_of(format.type);
    impl_->buffer.resize(static_cast<std::size_t>(grid.block) * static_cast<std::size_t>(grid.block) *
                         impl_->value_bytes);
    impl_->create();
}

PartWriter::~PartWriter() = default;

void PartWriter::write_rows(std::int64_t y, std::int64_t rows, std::span<const std::byte> values) {
    auto& part = *impl_;
    const auto& grid = part.grid;
    const bool whole_blocks = rows > 0 && (rows % grid.block == 0 || y + rows == grid.height);
    const auto expected = static_cast<std::size_t>(part.format.bands * rows * grid.width) * part.value_bytes;
    if (y != part.next_row || !whole_blocks || y + rows > grid.height || values.size() != expected)
        throw Error(Code::internal, part.final_path + ": rows " + std::to_string(y) + " to " +
                                        std::to_string(y + rows) + " are not whole blocks that follow row " +
                                        std::to_string(part.next_row));
    for (std::int64_t block_y = y; block_y < y + rows; block_y += grid.block)
        for (std::int64_t col = 0; col < grid.columns(); ++col)
            part.write_block(block_y / grid.block * grid.columns() + col, y, rows, values);
    part.next_row += rows;
}

PartRecord PartWriter::close() {
    auto& part = *impl_;
    if (part.next_row != part.grid.height)
        throw Error(Code::internal, part.final_path + ": closed after row " + std::to_string(part.next_row) +
                                        " of " + std::to_string(part.grid.height));
    {
        // Write-behind: a full disk shows only here, and before GDAL 3.7 only as an error state.
        const GdalErrors errors;
        part.dataset->FlushCache(true);
        part.dataset.reset();
        if (errors.failed()) throw_write_error(part.written, "cannot be closed", errors.text());
    }
    part.leave_scratch();
    part.compare();
    sync_file(part.temporary);
    std::error_code failure;
    std::filesystem::rename(part.temporary, part.final_path, failure);
    if (failure)
        throw_write_error(part.final_path, "cannot be renamed into place: " + failure.message(),
                          part.temporary);
    part.temporary.clear();
    part.written.clear();
    sync_folder(folder_of(part.final_path));
    const auto bytes = static_cast<std::int64_t>(std::filesystem::file_size(part.final_path));
    return {part.final_path, bytes, part.grid.width, part.grid.height, std::move(part.blocks)};
}

bool is_part_whole(const PartRecord& record, int block) {
    std::error_code failure;
    const auto bytes = std::filesystem::file_size(record.path, failure);
    if (failure || static_cast<std::int64_t>(bytes) != record.bytes) return false;
    try {
        const auto dataset = open_raster(record.path);
        return dataset->GetRasterXSize() == record.width && dataset->GetRasterYSize() == record.height &&
               checksum_blocks(*dataset, record.path, block) == record.blocks;
    } catch (const Error&) {
        return false;  // Unreadable is as good as absent: the part is computed again.
    }
}

}  // namespace spectile::products
