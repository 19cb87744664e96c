#include "raster/burnt_cells.hpp"

#include <gdal_alg.h>
#include <gdal_priv.h>

#include <iterator>

#include "gdal/errors.hpp"
#include "raster/dataset.hpp"
#include "spectile/error.hpp"

namespace spectile {
namespace {

/// For GDALRasterizeGeometries: pixel coordinates of the grid to those of a cell.
int shift_to_cell(void* data, int, int count, double* x, double* y, double*, int* success) {
    const auto* origin = static_cast<const Window*>(data);
    for (int i = 0; i < count; ++i) {
        x[i] -= static_cast<double>(origin->x);
        y[i] -= static_cast<double>(origin->y);
        success[i] = TRUE;
    }
    return TRUE;
}

template <typename T>
constexpr GDALDataType kGdalType = sizeof(T) == 1 ? GDT_Byte : GDT_Int32;

template <typename T>
void burn(const std::vector<PlacedFeature>& features, Window origin, T background, std::vector<T>& values) {
    const auto side = static_cast<int>(origin.width);
    std::vector<OGRGeometryH> geometries;
    std::vector<double> burnt;
    for (const auto& feature : features) {
        const OGREnvelope& e = feature.envelope;
        if (e.MaxX < static_cast<double>(origin.x) || e.MinX > static_cast<double>(origin.right()) ||
            e.MaxY < static_cast<double>(origin.y) || e.MinY > static_cast<double>(origin.bottom()))
            continue;
        geometries.push_back(OGRGeometry::ToHandle(feature.geometry.get()));
        burnt.push_back(feature.value);
    }
    values.assign(static_cast<std::size_t>(origin.area()), background);
    if (geometries.empty()) return;
    GdalErrors errors;
    const DatasetHandle dataset(
        GetGDALDriverManager()->GetDriverByName("MEM")->Create("", side, side, 1, kGdalType<T>, nullptr));
    GDALRasterBand& band = *dataset->GetRasterBand(1);
    int number = 1;
    const bool done = band.RasterIO(GF_Write, 0, 0, side, side, values.data(), side, side, kGdalType<T>, 0, 0,
                                    nullptr) == CE_None &&
                      GDALRasterizeGeometries(dataset.get(), 1, &number, static_cast<int>(geometries.size()),
                                              geometries.data(), shift_to_cell, &origin, burnt.data(),
                                              nullptr, nullptr, nullptr) == CE_None &&
                      band.RasterIO(GF_Read, 0, 0, side, side, values.data(), side, side, kGdalType<T>, 0, 0,
                                    nullptr) == CE_None;
    if (!done || errors.failed())
        throw Error(Code::scene, "polygons cannot be rasterised; check the vector's geometries",
                    errors.text());
}

}  // namespace

template <typename T>
const typename BurntCells<T>::Cell& BurntCells<T>::cell(std::int64_t column, std::int64_t row) {
    for (auto it = cells_.begin(); it != cells_.end(); ++it)
        if (it->column == column && it->row == row) {
            cells_.splice(cells_.begin(), cells_, it);
            return cells_.front();
        }
    if (cells_.size() < kRemembered)
        cells_.emplace_front();
    else
        cells_.splice(cells_.begin(), cells_, std::prev(cells_.end()));
    Cell& out = cells_.front();
    out.column = out.row = -1;  // Not to be found again should the following throw.
    burn(features_, {column * kSide, row * kSide, kSide, kSide}, background_, out.values);
    out.column = column;
    out.row = row;
    return out;
}

template class BurntCells<std::uint8_t>;
template class BurntCells<std::int32_t>;

}  // namespace spectile
