#include "raster/block_reader.hpp"

#include <algorithm>

#include "raster/pixel_conversion.hpp"
#include "raster/positional_file.hpp"
#include "raster/sample_conversion.hpp"

namespace spectile {
namespace {

class BlockReader final : public SourceReader {
public:
    explicit BlockReader(const RasterSource& source)
        : source_(source),
          layout_(*source.blocks),
          file_(layout_.path),
          pixels_(source, {layout_.type, layout_.swap_bytes, layout_.samples()}),
          sample_bytes_(static_cast<std::int64_t>(size_of(layout_.type))) {}

    void read(const Window& window, std::span<const int> bands, const ReadTarget& target) override {
        for (std::int64_t row = window.y / layout_.block_height; row * layout_.block_height < window.bottom();
             ++row)
            for (std::int64_t col = window.x / layout_.block_width;
                 col * layout_.block_width < window.right(); ++col)
                read_block({col, row}, window, bands, target);
    }

private:
    struct Place {
        std::int64_t col, row;
    };

    void read_block(const Place& place, const Window& window, std::span<const int> bands,
                    const ReadTarget& target) {
        const Window block{place.col * layout_.block_width, place.row * layout_.block_height,
                           layout_.block_width, layout_.block_height};
        const Window inside = intersect(block, window);
        const std::int64_t number = place.row * layout_.columns + place.col;
        if (layout_.together) return read_rows(number, block, inside, {window, bands, target});
        for (std::size_t i = 0; i < bands.size(); ++i)
            read_rows(bands[i] * layout_.columns * layout_.rows + number, block, inside,
                      {window, bands.subspan(i, 1), {target.planes.subspan(i, 1), target.valid}});
    }

    /// What is asked for: bands of a window, and where they go.
    struct Request {
        const Window& window;
        std::span<const int> bands;
        ReadTarget target;
    };

    /// The part of one stored block that lies `inside` the window: several of its rows in one call, from the
    /// first pixel wanted to the last, where they are most of what lies between.
    void read_rows(std::int64_t number, const Window& block, const Window& inside, const Request& request) {
        const std::int64_t pixel = layout_.samples() * sample_bytes_, line = block.width * pixel;
        const bool wide = inside.width * 4 >= block.width * 3;
        const std::int64_t step = wide ? std::max<std::int64_t>(1, PositionalFile::kUsualBytes / line) : 1;
        const std::int64_t first = layout_.offsets[static_cast<std::size_t>(number)] +
                                   (inside.y - block.y) * line + (inside.x - block.x) * pixel;
        for (std::int64_t row = 0; row < inside.height; row += step) {
            const std::int64_t rows = std::min(step, inside.height - row);
            const auto* bytes =
                file_.fetch(first + row * line, (rows - 1) * line + inside.width * pixel,
                            {request.window, request.bands.size() == 1 ? request.bands[0] : -1});
            for (std::int64_t r = 0; r < rows; ++r)
                convert_row(bytes + r * line, {inside.x, inside.y + row + r, inside.width, 1}, request);
        }
    }

    void convert_row(const unsigned char* bytes, const Window& row, const Request& request) {
        const std::int64_t at = (row.y - request.window.y) * request.window.width + row.x - request.window.x;
        if (layout_.together) return pixels_.convert({bytes, row.width, at}, request.bands, request.target);
        convert_samples({bytes, 1, layout_.type, layout_.swap_bytes}, static_cast<std::size_t>(row.width),
                        source_.bands[static_cast<std::size_t>(request.bands[0])].nodata,
                        request.target.planes[0] + at, request.target.valid + at);
    }

    const RasterSource& source_;
    const BlockLayout& layout_;
    PositionalFile file_;
    PixelConversion pixels_;
    std::int64_t sample_bytes_ = 0;
};

}  // namespace

std::unique_ptr<SourceReader> make_block_reader(const RasterSource& source) {
    return std::make_unique<BlockReader>(source);
}

}  // namespace spectile
