#include "products/score_values.hpp"

#include "spectile/error.hpp"

namespace spectile::products {

std::vector<float> read_scores(GDALRasterBand& band, const Window& window) {
    const int width = static_cast<int>(window.width), height = static_cast<int>(window.height);
    std::vector<float> values(static_cast<std::size_t>(window.area()));
    if (band.RasterIO(GF_Read, static_cast<int>(window.x), static_cast<int>(window.y), width, height,
                      values.data(), width, height, GDT_Float32, 0, 0, nullptr) != CE_None)
        throw Error(Code::read, "the finished scores cannot be read in window " + to_string(window));
    return values;
}

double score_scale(GDALRasterBand& band) {
    int has_scale = 0;
    const double scale = band.GetScale(&has_scale);
    return has_scale != 0 && scale != 0 ? scale : 1;
}

}  // namespace spectile::products
