#include "raster/raw_reader.hpp"

#include <algorithm>

#include "raster/pixel_conversion.hpp"
#include "raster/positional_file.hpp"
#include "raster/sample_conversion.hpp"

namespace spectile {
namespace {

class RawReader final : public SourceReader {
public:
    explicit RawReader(const RasterSource& source)
        : source_(source),
          layout_(*source.raw),
          file_(layout_.path),
          pixels_(source, {layout_.type, layout_.swap_bytes, layout_.bands}),
          size_(static_cast<std::int64_t>(size_of(layout_.type))) {}

    void read(const Window& window, std::span<const int> bands, const ReadTarget& target) override {
        switch (layout_.interleave) {
            case Interleave::band:
                return read_bsq(window, bands, target);
            case Interleave::line:
                return read_bil(window, bands, target);
            case Interleave::pixel:
                return read_bip(window, bands, target);
        }
    }

private:
    /// `count` samples from sample number `first` of the file.
    void fetch(std::int64_t first, std::int64_t count, const Window& window, int band) {
        samples_ = file_.fetch(layout_.header_offset + first * size_, count * size_, {window, band});
    }

    void convert(std::int64_t at, std::int64_t count, int band, float* values, std::uint8_t* valid) const {
        const Samples samples{samples_ + at * size_, 1, layout_.type, layout_.swap_bytes};
        convert_samples(samples, static_cast<std::size_t>(count),
                        source_.bands[static_cast<std::size_t>(band)].nodata, values, valid);
    }

    /// Rows of `samples` each that one call should bring.
    std::int64_t rows_per_read(std::int64_t samples) const {
        return std::max<std::int64_t>(1, PositionalFile::kUsualBytes / (samples * size_));
    }

    void read_bsq(const Window& w, std::span<const int> bands, const ReadTarget& target) {
        // Rows of one band follow one another: narrow windows read row by row, wide ones several rows at
        // once.
        const bool wide = w.width * 4 >= layout_.samples * 3;
        const std::int64_t step = wide ? std::min(w.height, rows_per_read(layout_.samples)) : 1;
        for (std::size_t i = 0; i < bands.size(); ++i)
            for (std::int64_t row = 0; row < w.height; row += step) {
                const std::int64_t rows = std::min(step, w.height - row);
                const std::int64_t first = (bands[i] * layout_.lines + w.y + row) * layout_.samples + w.x;
                fetch(first, (rows - 1) * layout_.samples + w.width, w, bands[i]);
                for (std::int64_t r = 0; r < rows; ++r)
                    convert(r * layout_.samples, w.width, bands[i], target.planes[i] + (row + r) * w.width,
                            target.valid + (row + r) * w.width);
            }
    }

    void read_bil(const Window& w, std::span<const int> bands, const ReadTarget& target) {
        const auto [low, high] = std::minmax_element(bands.begin(), bands.end());
        const std::int64_t span = *high - *low + 1;
        const std::int64_t line = layout_.bands * layout_.samples;
        // One call per line where most of it is wanted, else one per band and line.
        const bool whole =
            static_cast<std::int64_t>(bands.size()) * w.width * 4 >= span * layout_.samples * 3;
        for (std::int64_t row = 0; row < w.height; ++row) {
            const std::int64_t start = (w.y + row) * line + w.x;
            if (whole) fetch(start + *low * layout_.samples, (span - 1) * layout_.samples + w.width, w, -1);
            for (std::size_t i = 0; i < bands.size(); ++i) {
                if (!whole) fetch(start + bands[i] * layout_.samples, w.width, w, bands[i]);
                convert(whole ? (bands[i] - *low) * layout_.samples : 0, w.width, bands[i],
                        target.planes[i] + row * w.width, target.valid + row * w.width);
            }
        }
    }

    void read_bip(const Window& w, std::span<const int> bands, const ReadTarget& target) {
        for (std::int64_t row = 0; row < w.height; ++row) {
            fetch(((w.y + row) * layout_.samples + w.x) * layout_.bands, w.width * layout_.bands, w, -1);
            pixels_.convert({samples_, w.width, row * w.width}, bands, target);
        }
    }

    const RasterSource& source_;
    const RawLayout& layout_;
    PositionalFile file_;
    PixelConversion pixels_;
    std::int64_t size_ = 0;
    const unsigned char* samples_ = nullptr;  ///< Fetched last.
};

}  // namespace

std::unique_ptr<SourceReader> make_raw_reader(const RasterSource& source) {
    return std::make_unique<RawReader>(source);
}

}  // namespace spectile
