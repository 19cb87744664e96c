#pragma once

#include <gdal_priv.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "products/assemble.hpp"
#include "products/part_writer.hpp"
#include "products/raster_product.hpp"

namespace spectile::products {

/// A folder that goes away with the test.
class ScratchFolder {
public:
    ScratchFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "spectile-products-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    ~ScratchFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

inline std::string bytes_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

inline std::unique_ptr<GDALDataset, void (*)(GDALDataset*)> open(const std::string& path) {
    GDALAllRegister();
    return {GDALDataset::Open(path.c_str(), GDAL_OF_RASTER | GDAL_OF_VERBOSE_ERROR),
            [](GDALDataset* dataset) { GDALClose(dataset); }};
}

/// Value of a pixel of the whole raster by band, row and column.
template <typename T>
using Pixel = std::function<T(int band, std::int64_t row, std::int64_t col)>;

template <typename T>
StoredPart write_part(const std::string& path, const RasterFormat& format, const Window& window, int block,
                      const Pixel<T>& pixel) {
    PartWriter writer(path, format, {window.width, window.height, block});
    for (std::int64_t y = 0; y < window.height; y += block) {
        const std::int64_t rows = std::min<std::int64_t>(block, window.height - y);
        std::vector<T> values;
        for (int band = 0; band < format.bands; ++band)
            for (std::int64_t row = 0; row < rows; ++row)
                for (std::int64_t col = 0; col < window.width; ++col)
                    values.push_back(pixel(band, window.y + y + row, window.x + col));
        writer.write_rows(y, rows, std::as_bytes(std::span(values)));
    }
    const auto record = writer.close();
    return {path, window, record.blocks};
}

/// A job whose raster is cut into square parts of `part` pixels.
template <typename T>
AssembleJob job_of(const ScratchFolder& folder, const Grid& grid, const RasterFormat& format, int block,
                   int part, const Pixel<T>& pixel, const std::string& target = "out.tif") {
    AssembleJob job;
    job.target = folder / target;
    job.grid = grid;
    job.format = format;
    job.block = block;
    for (std::int64_t y = 0; y < grid.height; y += part)
        for (std::int64_t x = 0; x < grid.width; x += part) {
            const Window window = intersect({x, y, part, part}, grid.window());
            const std::string name =
                std::to_string(part) + "-" + std::to_string(y) + "-" + std::to_string(x) + ".tif";
            job.parts.push_back(write_part<T>(folder / name, format, window, block, pixel));
        }
    return job;
}

inline ModelCard landcover_card() {
    ModelCard card;
    card.file = "model.yaml";
    card.task = Task::classification;
    card.classes = {
        {1, "water", {0, 0, 255}}, {3, "forest & \"wood\"", {0, 120, 0}}, {4, "soil", {160, 90, 40}}};
    card.nodata = 0;
    return card;
}

/// A prediction over `window` filled by a function of channel and pixel index; all pixels valid.
inline Prediction prediction_of(const Window& window, int channels,
                                const std::function<float(int, std::size_t)>& value) {
    Prediction prediction;
    prediction.reset(window, channels);
    for (int c = 0; c < channels; ++c)
        for (std::size_t i = 0; i < prediction.pixels(); ++i) prediction.channel(c)[i] = value(c, i);
    prediction.valid.assign(prediction.pixels(), 1);
    return prediction;
}

template <typename T>
std::vector<T> encoded(const RasterProduct& product, const Prediction& prediction, const Window& window) {
    std::vector<T> out(static_cast<std::size_t>(window.area()) *
                       static_cast<std::size_t>(product.format().bands));
    product.encode(prediction, window, std::as_writable_bytes(std::span(out)));
    return out;
}

}  // namespace spectile::products
