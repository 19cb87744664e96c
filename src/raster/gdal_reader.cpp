#include <algorithm>
#include <vector>

#include "gdal/errors.hpp"
#include "raster/block_reader.hpp"
#include "raster/dataset.hpp"
#include "raster/raw_reader.hpp"
#include "raster/remote.hpp"
#include "raster/sample_conversion.hpp"
#include "raster/source_reader.hpp"
#include "spectile/error.hpp"

namespace spectile {
namespace {

/// Scratch for types that float32 does not hold, in bytes; beyond it a window is read in several row ranges.
constexpr std::int64_t kScratchBytes = std::int64_t{16} << 20;
/// Share of GDAL's cache that the blocks of one window may take before bands are asked for in one call: two
/// readers and a neighbour's rows must still fit.
constexpr std::int64_t kCacheShare = 4;
/// From so many bands on GDAL's driver for GeoTIFF leaves the other bands of a block that it has decoded out
/// of its cache; it remembers the last block alone.
constexpr std::int64_t kBandsNotCached = 128;

/// The type that samples are asked from GDAL in: float32 where it holds them all, else the file's own.
DataType buffer_type(DataType type) {
    if (fits_float32(type)) return DataType::Float32;
    return type == DataType::Complex ? DataType::Float64 : type;
}

/// The same for a single band, whose samples are few enough to be converted by us, faster than GDAL does.
DataType own_type(DataType type) {
    return type == DataType::Byte || type == DataType::UInt16 || type == DataType::Int16 ? type
                                                                                         : buffer_type(type);
}

GDALDataType gdal_type(DataType type) { return GDALGetDataTypeByName(std::string(name_of(type)).c_str()); }

/// Signed bytes of GDAL before 3.7 arrive as 0 ... 255.
void restore_sign(float* values, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) values[i] = values[i] > 127.0F ? values[i] - 256.0F : values[i];
}

class GdalReader final : public SourceReader {
public:
    explicit GdalReader(const RasterSource& source) : source_(source) {}

    void read(const Window& window, std::span<const int> bands, const ReadTarget& target) override {
        with_retries(source_.remote_files, [&] {
            try {
                read_once(window, bands, target);
            } catch (const Error&) {
                dataset_.reset();  // It remembers a failed request.
                throw;
            }
        });
    }

private:
    void read_once(const Window& w, std::span<const int> bands, const ReadTarget& target) {
        if (!dataset_) dataset_ = open_raster(source_.name, source_.open_options);
        // Runs of bands with one buffer type and neighbouring planes go together.
        for (std::size_t first = 0; first < bands.size();) {
            std::size_t last = first + 1;
            const DataType type = buffer_type(band_of(bands[first]).type);
            while (last < bands.size() && buffer_type(band_of(bands[last]).type) == type &&
                   target.planes[last] == target.planes[last - 1] + w.area())
                ++last;
            const auto run = bands.subspan(first, last - first);
            const ReadTarget part{target.planes.subspan(first, run.size()), target.valid};
            if (run.size() == 1 || by_band(w))
                for (std::size_t i = 0; i < run.size(); ++i)
                    read_run(w, run.subspan(i, 1), {part.planes.subspan(i, 1), part.valid},
                             own_type(band_of(run[i]).type));
            else
                read_run(w, run, part, type);
            first = last;
        }
        fold_masks(w, bands, target.valid);
    }

    const SourceBand& band_of(int band) const { return source_.bands[static_cast<std::size_t>(band)]; }

    /// Whether bands may be asked for one after the other: always where each band has blocks of its own, else
    /// only where the window's blocks stay in the cache meanwhile (elsewhere every block would be decoded
    /// once per band).
    bool by_band(const Window& w) const {
        if (source_.storage.interleave == Interleave::band) return true;
        const std::int64_t bw = std::max(1, source_.storage.block_width),
                           bh = std::max(1, source_.storage.block_height);
        const std::int64_t columns = (w.right() - 1) / bw - w.x / bw + 1,
                           rows = (w.bottom() - 1) / bh - w.y / bh + 1;
        const auto sample = static_cast<std::int64_t>(size_of(source_.bands.front().type));
        const auto bands = static_cast<std::int64_t>(source_.bands.size());
        if (bands >= kBandsNotCached && columns * rows > 1) return false;
        return columns * bw * rows * bh * sample * bands * kCacheShare <= GDALGetCacheMax64();
    }

    /// Bands of one buffer type into neighbouring planes.
    void read_run(const Window& w, std::span<const int> bands, const ReadTarget& target, DataType type) {
        if (type == DataType::Float32) {
            request(w, bands, target.planes[0], type, bands);
            for (std::size_t i = 0; i < bands.size(); ++i) {
                const SourceBand& band = band_of(bands[i]);
                float* plane = target.planes[i];
                if (band.type == DataType::Int8 && sign_is_lost(bands[i]))
                    restore_sign(plane, static_cast<std::size_t>(w.area()));
                convert_samples({plane, 1, DataType::Float32, false}, static_cast<std::size_t>(w.area()),
                                band.nodata, plane, target.valid);
            }
            return;
        }
        const std::int64_t row_bytes = w.width * static_cast<std::int64_t>(bands.size() * size_of(type));
        const std::int64_t step = std::clamp<std::int64_t>(
            kScratchBytes / row_bytes,
            std::min<std::int64_t>(w.height, std::max(1, source_.storage.block_height)), w.height);
        for (std::int64_t row = 0; row < w.height; row += step) {
            const Window part{w.x, w.y + row, w.width, std::min(step, w.height - row)};
            const auto area = static_cast<std::size_t>(part.area());
            scratch_.resize(std::max(scratch_.size(), area * bands.size() * size_of(type)));
            request(part, bands, scratch_.data(), type, bands);
            for (std::size_t i = 0; i < bands.size(); ++i)
                convert_samples({scratch_.data() + i * area * size_of(type), 1, type, false}, area,
                                band_of(bands[i]).nodata, target.planes[i] + row * w.width,
                                target.valid + row * w.width);
        }
    }

    bool sign_is_lost(int band) const {
        return dataset_->GetRasterBand(band + 1)->GetRasterDataType() == GDT_Byte;
    }

    /// One call to GDAL into a band-major buffer; any message of class failure fails it.
    void request(const Window& w, std::span<const int> bands, void* buffer, DataType type,
                 std::span<const int> named) {
        numbers_.assign(bands.begin(), bands.end());
        for (int& number : numbers_) ++number;
        GdalErrors errors;
        CPLErr result = CE_None;
        if (bands.size() == 1)
            result = dataset_->GetRasterBand(numbers_[0])
                         ->RasterIO(GF_Read, static_cast<int>(w.x), static_cast<int>(w.y),
                                    static_cast<int>(w.width), static_cast<int>(w.height), buffer,
                                    static_cast<int>(w.width), static_cast<int>(w.height), gdal_type(type), 0,
                                    0, nullptr);
        else
            result = dataset_->RasterIO(
                GF_Read, static_cast<int>(w.x), static_cast<int>(w.y), static_cast<int>(w.width),
                static_cast<int>(w.height), buffer, static_cast<int>(w.width), static_cast<int>(w.height),
                gdal_type(type), static_cast<int>(numbers_.size()), numbers_.data(), 0, 0, 0, nullptr);
        if (result != CE_None || errors.failed()) throw_read_error(w, named, errors);
    }

    [[noreturn]] void throw_read_error(const Window& w, std::span<const int> bands,
                                       const GdalErrors& errors) const {
        const std::string which = bands.empty()       ? "the mask"
                                  : bands.size() == 1 ? "band " + std::to_string(bands[0] + 1)
                                                      : "bands " + std::to_string(bands.front() + 1) +
                                                            " to " + std::to_string(bands.back() + 1);
        throw Error(Code::read,
                    source_.name + ": " + which + " cannot be read in window " + to_string(w) +
                        "; replace the file, then run the same command to resume",
                    errors.text());
    }

    void fold_masks(const Window& w, std::span<const int> bands, std::uint8_t* valid) {
        if (source_.dataset_mask) fold_mask(w, *dataset_->GetRasterBand(1)->GetMaskBand(), valid);
        if (source_.alpha_band > 0) fold_mask(w, *dataset_->GetRasterBand(source_.alpha_band), valid);
        for (const int band : bands)
            if (band_of(band).own_mask)
                fold_mask(w, *dataset_->GetRasterBand(band + 1)->GetMaskBand(), valid);
    }

    void fold_mask(const Window& w, GDALRasterBand& band, std::uint8_t* valid) {
        // Read as float: an alpha band of 16 bit or Float32 must not be rounded to 0.
        const auto area = static_cast<std::size_t>(w.area());
        mask_.resize(std::max(mask_.size(), area));
        GdalErrors errors;
        const CPLErr result =
            band.RasterIO(GF_Read, static_cast<int>(w.x), static_cast<int>(w.y), static_cast<int>(w.width),
                          static_cast<int>(w.height), mask_.data(), static_cast<int>(w.width),
                          static_cast<int>(w.height), GDT_Float32, 0, 0, nullptr);
        if (result != CE_None || errors.failed()) throw_read_error(w, {}, errors);
        for (std::size_t i = 0; i < area; ++i)
            valid[i] = static_cast<std::uint8_t>(valid[i] & (mask_[i] != 0.0F));
    }

    const RasterSource& source_;
    DatasetHandle dataset_;
    std::vector<int> numbers_;
    std::vector<unsigned char> scratch_;
    std::vector<float> mask_;
};

}  // namespace

std::unique_ptr<SourceReader> make_gdal_reader(const RasterSource& source) {
    return std::make_unique<GdalReader>(source);
}

std::unique_ptr<SourceReader> make_source_reader(const RasterSource& source) {
    if (source.raw) return make_raw_reader(source);
    return source.blocks ? make_block_reader(source) : make_gdal_reader(source);
}

}  // namespace spectile
