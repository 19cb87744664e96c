#include "raster/area.hpp"

#include <gdal_alg.h>
#include <gdal_priv.h>
#include <ogr_geometry.h>
#include <ogrsf_frmts.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "raster/dataset.hpp"
#include "raster/gdal_errors.hpp"
#include "raster/georeference.hpp"
#include "spectile/error.hpp"

namespace spectile {
namespace {

constexpr std::int64_t kCell = 256;          ///< Side of a rasterised cell, in pixels.
constexpr std::size_t kCellsRemembered = 64;  ///< 4 MiB per reader.
/// Edges of a box are cut into this many pieces before they are bent into another CRS.
constexpr int kBoxPieces = 64;

/// Moves a multipolygon from CRS coordinates to pixel coordinates.
void to_pixels(OGRMultiPolygon& polygons, const std::array<double, 6>& inverse) {
    for (OGRPolygon* polygon : polygons)
        for (OGRLinearRing* ring : *polygon)
            for (int i = 0; i < ring->getNumPoints(); ++i) {
                const double x = ring->getX(i), y = ring->getY(i);
                ring->setPoint(i, inverse[0] + x * inverse[1] + y * inverse[2], inverse[3] + x * inverse[4] + y * inverse[5]);
            }
}

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

std::array<double, 6> inverse_geotransform(const Grid& grid, const std::string& name) {
    std::array<double, 6> inverse{};
    if (!grid.georeference.has_geotransform)
        throw Error(Code::scene, name + ": the scene has no geotransform to place this area by; give the area as a pixel window");
    auto forward = grid.georeference.geotransform;
    if (!GDALInvGeoTransform(forward.data(), inverse.data()))
        throw Error(Code::scene, name + ": the scene's geotransform cannot be inverted; give the area as a pixel window");
    return inverse;
}

/// Pixels whose centres lie in [low, high) along one axis.
std::pair<std::int64_t, std::int64_t> centres_between(double low, double high, std::int64_t size) {
    const auto clamp = [&](double v) { return static_cast<std::int64_t>(std::clamp(std::ceil(v - 0.5), 0.0, static_cast<double>(size))); };
    return {clamp(low), clamp(high)};
}

Window extent_of(const std::vector<OGRGeometry*>& polygons, const Grid& grid) {
    OGREnvelope all;
    for (const OGRGeometry* polygon : polygons) {
        OGREnvelope one;
        polygon->getEnvelope(&one);
        all.Merge(one);
    }
    const auto [left, right] = centres_between(all.MinX, all.MaxX, grid.width);
    const auto [top, bottom] = centres_between(all.MinY, all.MaxY, grid.height);
    return {left, top, right - left, bottom - top};
}

void reproject(OGRGeometry& geometry, const std::string& from_wkt, const std::string& to_wkt, const std::string& name) {
    if (from_wkt.empty() || to_wkt.empty() || from_wkt == to_wkt) return;
    const OGRSpatialReference from = crs_of(from_wkt), to = crs_of(to_wkt);
    GdalErrors errors;
    const std::unique_ptr<OGRCoordinateTransformation> transformation(OGRCreateCoordinateTransformation(&from, &to));
    if (!transformation || geometry.transform(transformation.get()) != OGRERR_NONE)
        throw Error(Code::scene, name + ": its polygons cannot be brought into the scene's CRS; give them in that CRS", errors.text());
}

}  // namespace

Area::~Area() {
    for (OGRGeometry* polygon : polygons_) OGRGeometryFactory::destroyGeometry(polygon);
}

std::shared_ptr<const Area> Area::of_window(const Window& window) {
    const std::shared_ptr<Area> area(new Area);
    area->extent_ = window;
    return area;
}

std::shared_ptr<const Area> Area::of_polygons(const Grid& grid, std::vector<std::unique_ptr<OGRGeometry>> polygons,
                                              const std::string& crs_wkt, const std::string& name) {
    const auto inverse = inverse_geotransform(grid, name);
    const std::shared_ptr<Area> area(new Area);
    for (auto& polygon : polygons) {
        reproject(*polygon, crs_wkt, grid.georeference.crs_wkt, name);
        polygon->assignSpatialReference(nullptr);
        OGRGeometry* moved = OGRGeometryFactory::forceTo(polygon.release(), wkbMultiPolygon);
        area->polygons_.push_back(moved);
        to_pixels(*moved->toMultiPolygon(), inverse);
    }
    area->extent_ = extent_of(area->polygons_, grid);
    return area;
}

std::shared_ptr<const Area> Area::of_box(const Grid& grid, const std::array<double, 4>& box, const std::string& crs) {
    const std::string name = "bbox";
    if (!(box[0] < box[2] && box[1] < box[3]))
        throw Error(Code::definition, "bbox must be xmin, ymin, xmax, ymax with xmin < xmax and ymin < ymax");
    auto polygon = std::make_unique<OGRPolygon>();
    OGRLinearRing ring;
    for (const auto& [x, y] : {std::pair{box[0], box[1]}, {box[2], box[1]}, {box[2], box[3]}, {box[0], box[3]}, {box[0], box[1]}})
        ring.addPoint(x, y);
    ring.segmentize(std::max(box[2] - box[0], box[3] - box[1]) / kBoxPieces);
    polygon->addRing(&ring);
    std::string wkt;
    if (!crs.empty()) {
        const OGRSpatialReference from = crs_of(crs);
        if (grid.georeference.crs_wkt.empty()) throw Error(Code::scene, "bbox: the scene has no CRS to compare bbox-crs with; leave bbox-crs out");
        const OGRSpatialReference to = crs_of(grid.georeference.crs_wkt);
        if (!from.IsSame(&to)) wkt = wkt2_of(&from);
    }
    std::vector<std::unique_ptr<OGRGeometry>> polygons;
    polygons.push_back(std::move(polygon));
    return of_polygons(grid, std::move(polygons), wkt, name);
}

std::shared_ptr<const Area> Area::of_vector(const Grid& grid, const std::string& name) {
    const DatasetHandle dataset = open_vector(name);
    std::vector<std::unique_ptr<OGRGeometry>> polygons;
    std::string wkt;
    GdalErrors errors;
    for (OGRLayer* layer : dataset->GetLayers()) {
        const std::string layer_wkt = wkt2_of(layer->GetSpatialRef());
        if (layer_wkt.empty() && !grid.georeference.crs_wkt.empty() && layer->GetGeomType() != wkbNone)
            throw Error(Code::scene, name + ": layer '" + layer->GetName() + "' has no CRS; assign one (ogr2ogr -a_srs)");
        for (auto& feature : *layer) {
            std::unique_ptr<OGRGeometry> geometry(feature->StealGeometry());
            if (!geometry || geometry->IsEmpty() || geometry->getDimension() != 2) continue;
            if (layer_wkt != wkt && !polygons.empty()) reproject(*geometry, layer_wkt, wkt, name);
            if (polygons.empty()) wkt = layer_wkt;
            polygons.push_back(std::move(geometry));
        }
    }
    if (errors.failures() > 0) throw Error(Code::read, name + ": cannot be read to its end; check the file", errors.text());
    if (polygons.empty()) throw Error(Code::scene, name + ": there is no polygon in it; an area needs polygons");
    return of_polygons(grid, std::move(polygons), wkt, name);
}

const AreaReader::Cell& AreaReader::cell(std::int64_t column, std::int64_t row) {
    for (auto it = cells_.begin(); it != cells_.end(); ++it)
        if (it->column == column && it->row == row) {
            cells_.splice(cells_.begin(), cells_, it);
            return cells_.front();
        }
    if (cells_.size() < kCellsRemembered)
        cells_.emplace_front();
    else
        cells_.splice(cells_.begin(), cells_, std::prev(cells_.end()));
    Cell& out = cells_.front();
    out.column = out.row = -1;  // Not to be found again should the following throw.
    out.inside.assign(kCell * kCell, 0);
    GdalErrors errors;
    GDALDriver* memory = GetGDALDriverManager()->GetDriverByName("MEM");
    const DatasetHandle dataset(memory->Create("", kCell, kCell, 1, GDT_Byte, nullptr));
    std::vector<OGRGeometryH> geometries(area_->polygons().begin(), area_->polygons().end());
    std::vector<double> burn(geometries.size(), 1.0);
    Window origin{column * kCell, row * kCell, kCell, kCell};
    int band = 1;
    const CPLErr burnt = GDALRasterizeGeometries(dataset.get(), 1, &band, static_cast<int>(geometries.size()), geometries.data(),
                                                 shift_to_cell, &origin, burn.data(), nullptr, nullptr, nullptr);
    if (burnt != CE_None || dataset->GetRasterBand(1)->RasterIO(GF_Read, 0, 0, kCell, kCell, out.inside.data(), kCell, kCell, GDT_Byte, 0, 0, nullptr) != CE_None)
        throw Error(Code::internal, "the area of interest cannot be rasterised", errors.text());
    out.column = column;
    out.row = row;
    return out;
}

void AreaReader::clear_outside(const Window& w, std::uint8_t* valid) {
    const Window inside = intersect(w, area_->extent());
    for (std::int64_t y = w.y; y < w.bottom(); ++y) {
        std::uint8_t* line = valid + (y - w.y) * w.width;
        const bool out = inside.empty() || y < inside.y || y >= inside.bottom();
        const std::int64_t left = out ? w.width : inside.x - w.x, right = out ? w.width : inside.right() - w.x;
        std::memset(line, 0, static_cast<std::size_t>(left));
        std::memset(line + right, 0, static_cast<std::size_t>(w.width - right));
    }
    if (inside.empty() || area_->is_window()) return;
    for (std::int64_t row = inside.y / kCell; row * kCell < inside.bottom(); ++row)
        for (std::int64_t column = inside.x / kCell; column * kCell < inside.right(); ++column) {
            const Window place = intersect(inside, {column * kCell, row * kCell, kCell, kCell});
            const Cell& mask = cell(column, row);
            for (std::int64_t y = place.y; y < place.bottom(); ++y)
                for (std::int64_t x = place.x; x < place.right(); ++x) {
                    auto& v = valid[(y - w.y) * w.width + x - w.x];
                    v = static_cast<std::uint8_t>(v & mask.inside[static_cast<std::size_t>((y - row * kCell) * kCell + x - column * kCell)]);
                }
        }
}

std::shared_ptr<const Area> make_area(const Grid& grid, const AreaOfInterest& aoi) {
    if (aoi.window) return Area::of_window(intersect(*aoi.window, grid.window()));
    if (aoi.bbox) return Area::of_box(grid, *aoi.bbox, aoi.bbox_crs);
    if (!aoi.vector.empty()) return Area::of_vector(grid, aoi.vector);
    return nullptr;
}

}  // namespace spectile
