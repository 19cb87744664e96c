#include "run/part_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <limits>

#include "products/assemble.hpp"
#include "products/part_writer.hpp"
#include "run/parallel.hpp"
#include "run/probabilities.hpp"

namespace spectile::run {
namespace {

/// Enough to keep up with the mosaic; each holds a block beyond the budget.
constexpr int kCompressors = 4;

template <typename T>
std::vector<std::byte> bytes_of(double value) {
    const T typed = static_cast<T>(value);
    std::vector<std::byte> out(sizeof(T));
    std::memcpy(out.data(), &typed, sizeof(T));
    return out;
}

/// The bytes of a nodata value; zeros where the format has none.
std::vector<std::byte> nodata_bytes(const products::RasterFormat& format) {
    const double value = format.nodata.value_or(0);
    switch (format.type) {
        case DataType::Byte:
            return bytes_of<std::uint8_t>(value);
        case DataType::Int8:
            return bytes_of<std::int8_t>(value);
        case DataType::UInt16:
            return bytes_of<std::uint16_t>(value);
        case DataType::Int16:
            return bytes_of<std::int16_t>(value);
        case DataType::UInt32:
            return bytes_of<std::uint32_t>(value);
        case DataType::Int32:
            return bytes_of<std::int32_t>(value);
        case DataType::Float32:
            return bytes_of<float>(value);
        default:
            return bytes_of<double>(value);
    }
}

int channels_of(const Job& job) {
    return job.traits.channels > 0 ? job.traits.channels : static_cast<int>(job.chain->bands().size());
}

}  // namespace

PartOutput::PartOutput(const Job& job, const Part& part, const std::string& work,
                       const std::vector<Window>& expected)
    : job_(job), part_(part), origin_(part.window), counter_(part.window.height, job.plan.block) {
    origin_.x += job.plan.extent.x;
    origin_.y += job.plan.extent.y;
    const std::int64_t width = part.window.width, height = part.window.height;
    for (const Window& window : expected) {
        const Window here = to_part(window);
        counter_.expect(here.y, here.height);
    }
    if (job.plan.tiles.blend != Blend::none)
        blender_ = std::make_unique<mosaic::Blender>(width, height, job.plan.block, channels_of(job),
                                                     job.plan.tiles.halo);
    if (job.wants_support())
        support_ =
            std::make_unique<mosaic::CountRows>(width, height, job.plan.block, products::kSupportChannels);
    products::PartWriting how = {job.scratch, std::min(job.threads, kCompressors), parallel_for()};
    const products::BlockGrid grid{width, height, job.plan.block};
    for (const auto& raster : job.rasters) {
        const auto& format = raster.product->format();
        const auto& definition = raster.definition;
        how.compress = !products::stored_as_is(
            definition.format.empty() ? products::default_driver(format) : definition.format,
            definition.options);
        rows_.emplace_back(width, height, job.plan.block, format.bands, nodata_bytes(format));
        files_.push_back(fmt::format("parts/{:06d}.{}.tif", part.index, definition.kind));
        writers_.push_back(
            std::make_unique<products::PartWriter>(work + "/" + files_.back(), format, grid, how));
    }
}

PartOutput::~PartOutput() = default;

Window PartOutput::to_part(Window window) const {
    window.x -= origin_.x;
    window.y -= origin_.y;
    return window;
}

void PartOutput::add(TileResult& result) {
    const Window here = to_part(result.window);
    if (!result.empty && blender_) {
        Tile tile = result.tile;
        tile.keep = to_part(tile.keep);
        result.prediction.window = to_part(result.prediction.window);
        blender_->add(tile, result.prediction);
    } else if (!result.empty) {
        for (std::size_t i = 0; i < rows_.size(); ++i)
            if (!result.encoded[i].empty()) rows_[i].paste(here, result.encoded[i]);
        valid_ += result.valid;
    }
    if (support_ && !result.support.values.empty()) {
        result.support.window = here;
        support_->add(result.support);
    }
    if (!result.failure.empty()) marked_.push_back(result.failure);
    for (const auto block_row : counter_.arrived(here.y, here.height)) write_row(block_row);
}

void PartOutput::write_encoded(std::size_t product, const Prediction& rows) {
    const auto& raster = *job_.rasters[product].product;
    std::vector<std::byte> encoded(rows.pixels() * static_cast<std::size_t>(raster.format().bands) *
                                   size_of(raster.format().type));
    raster.encode(rows, rows.window, encoded);
    writers_[product]->write_rows(rows.window.y, rows.window.height, encoded);
}

void PartOutput::write_row(std::int64_t block_row) {
    Prediction blended, support;
    if (blender_) {
        blended = blender_->take(block_row);
        to_probabilities(job_.traits, blended);
    }
    if (support_) support = support_->take(block_row);
    for (const auto valid : blended.valid) valid_ += valid;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        if (job_.rasters[i].product->source() == products::Source::support)
            write_encoded(i, support);
        else if (blender_)
            write_encoded(i, blended);
        else
            writers_[i]->write_rows(counter_.first_row(block_row), counter_.rows_of(block_row),
                                    rows_[i].take(block_row));
    }
}

PartEntry PartOutput::finish() {
    PartEntry entry{part_.index, valid_, {}, marked_};
    for (std::size_t i = 0; i < writers_.size(); ++i) {
        const auto record = writers_[i]->close();
        entry.products[job_.rasters[i].definition.kind] = {files_[i], record.bytes, record.blocks};
    }
    return entry;
}

}  // namespace spectile::run
