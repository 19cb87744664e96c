#include "products/seam_figures.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "products/gdal_dataset.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

constexpr float kThreshold = 0.5F;  ///< Where a single channel becomes a target.

/// One line of a raster: all channels, and which pixels are valid.
class Lines {
public:
    explicit Lines(const std::string& path) : path_(path), dataset_(open_raster(path)) {
        width = dataset_->GetRasterXSize();
        height = dataset_->GetRasterYSize();
        channels = dataset_->GetRasterCount();
        values_.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(channels));
        valid_.resize(static_cast<std::size_t>(width));
    }
    void read(int row) {
        const bool done =
            dataset_->RasterIO(GF_Read, 0, row, width, 1, values_.data(), width, 1, GDT_Float32, channels,
                               nullptr, 0, 0, 0, nullptr) == CE_None &&
            dataset_->GetRasterBand(1)->GetMaskBand()->RasterIO(GF_Read, 0, row, width, 1, valid_.data(),
                                                                width, 1, GDT_Byte, 0, 0, nullptr) == CE_None;
        if (!done) throw Error(Code::read, path_ + ": row " + std::to_string(row) + " cannot be read");
    }
    float value(int channel, int col) const {
        return values_[static_cast<std::size_t>(channel) * static_cast<std::size_t>(width) +
                       static_cast<std::size_t>(col)];
    }
    bool valid(int col) const { return valid_[static_cast<std::size_t>(col)] != 0; }
    int strongest(int col) const {
        if (channels == 1) return value(0, col) > kThreshold ? 1 : 0;
        int best = 0;
        for (int c = 1; c < channels; ++c)
            if (value(c, col) > value(best, col)) best = c;
        return best;
    }
    int width = 0, height = 0, channels = 0;

private:
    std::string path_;
    DatasetHandle dataset_;
    std::vector<float> values_;
    std::vector<std::uint8_t> valid_;
};

void add_pixel(const Lines& tiled, const Lines& whole, int col, Difference& out) {
    const bool both = tiled.valid(col) && whole.valid(col);
    if (!both) {
        // Where only one has a value something is wrong, and it must show.
        if (tiled.valid(col) != whole.valid(col)) ++out.changed;
        return;
    }
    ++out.pixels;
    if (tiled.strongest(col) != whole.strongest(col)) ++out.changed;
    for (int c = 0; c < tiled.channels; ++c) {
        const double difference = std::abs(static_cast<double>(tiled.value(c, col)) - whole.value(c, col));
        out.largest = std::max(out.largest, difference);
        out.sum += difference;
        ++out.values;
    }
}

/// Whether a line between two tiles' cores lies beside this row or column.
bool beside_a_seam(std::int64_t position, std::int64_t tile, std::int64_t first, std::int64_t end) {
    const auto seam = [&](std::int64_t at) { return at > first && at < end && (at - first) % tile == 0; };
    return seam(position) || seam(position + 1);
}

}  // namespace

SeamFigures compare_tiled(const std::string& tiled_path, const std::string& whole_path, std::int64_t tile,
                          std::int64_t first) {
    Lines tiled(tiled_path), whole(whole_path);
    if (tiled.width != whole.width || tiled.height != whole.height || tiled.channels != whole.channels)
        throw Error(Code::read, tiled_path + ": another size than " + whole_path);
    SeamFigures seams;
    seams.width = tiled.width;
    seams.height = tiled.height;
    for (int row = 0; row < tiled.height; ++row) {
        tiled.read(row);
        whole.read(row);
        const bool near_row = beside_a_seam(row, tile, first, seams.height);
        for (int col = 0; col < tiled.width; ++col) {
            add_pixel(tiled, whole, col, seams.all);
            if (near_row || beside_a_seam(col, tile, first, seams.width))
                add_pixel(tiled, whole, col, seams.near);
        }
    }
    return seams;
}

}  // namespace spectile::products
