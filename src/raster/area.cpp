#include "raster/area.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "raster/georeference.hpp"
#include "spectile/error.hpp"

namespace spectile {
namespace {

/// Edges of a box are cut into this many pieces before they are bent into another CRS.
constexpr int kBoxPieces = 64;

/// Pixels whose centres lie in [low, high) along one axis.
std::pair<std::int64_t, std::int64_t> centres_between(double low, double high, std::int64_t size) {
    const auto clamp = [&](double v) {
        return static_cast<std::int64_t>(std::clamp(std::ceil(v - 0.5), 0.0, static_cast<double>(size)));
    };
    return {clamp(low), clamp(high)};
}

OGRGeometryUniquePtr box_polygon(const std::array<double, 4>& box) {
    auto polygon = std::make_unique<OGRPolygon>();
    OGRLinearRing ring;
    ring.addPoint(box[0], box[1]);
    ring.addPoint(box[2], box[1]);
    ring.addPoint(box[2], box[3]);
    ring.addPoint(box[0], box[3]);
    ring.closeRings();
    ring.segmentize(std::max(box[2] - box[0], box[3] - box[1]) / kBoxPieces);
    polygon->addRing(&ring);
    return OGRGeometryUniquePtr(polygon.release());
}

}  // namespace

Area::Area(const Grid& grid, std::vector<PlacedFeature> polygons) : polygons_(std::move(polygons)) {
    OGREnvelope all;
    for (const auto& polygon : polygons_) all.Merge(polygon.envelope);
    if (!std::isfinite(all.MinX + all.MaxX + all.MinY + all.MaxY)) return;  // Outside the CRS: no pixel.
    const auto [left, right] = centres_between(all.MinX, all.MaxX, grid.width);
    const auto [top, bottom] = centres_between(all.MinY, all.MaxY, grid.height);
    extent_ = {left, top, right - left, bottom - top};
}

std::shared_ptr<const Area> Area::of_window(const Window& window) {
    return std::shared_ptr<const Area>(new Area(window));
}

std::shared_ptr<const Area> Area::of_box(const Grid& grid, const std::array<double, 4>& box,
                                         const std::string& crs) {
    if (!(box[0] < box[2] && box[1] < box[3]))
        throw Error(Code::definition, "bbox must be xmin, ymin, xmax, ymax with xmin < xmax and ymin < ymax");
    std::string wkt;
    if (!crs.empty()) {
        const OGRSpatialReference from = crs_of(crs);
        if (grid.georeference.crs_wkt.empty())
            throw Error(Code::scene,
                        "bbox: the scene has no CRS to compare bbox-crs with; leave bbox-crs out");
        const OGRSpatialReference to = crs_of(grid.georeference.crs_wkt);
        if (!from.IsSame(&to)) wkt = wkt2_of(&from);
    }
    std::vector<PlacedFeature> polygons;
    polygons.push_back(place(box_polygon(box), wkt, grid, "bbox"));
    return std::shared_ptr<const Area>(new Area(grid, std::move(polygons)));
}

std::shared_ptr<const Area> Area::of_vector(const Grid& grid, const std::string& name) {
    auto polygons = place_features(name, grid, [](const OGRFeature& feature, int&) {
        return feature.GetGeometryRef()->getDimension() == 2;
    });
    if (polygons.empty())
        throw Error(Code::scene, name + ": there is no polygon in it; an area needs polygons");
    return std::shared_ptr<const Area>(new Area(grid, std::move(polygons)));
}

void AreaReader::clear_outside(const Window& w, std::uint8_t* valid) {
    const Window inside = intersect(w, area_->extent());
    for (std::int64_t y = w.y; y < w.bottom(); ++y) {
        std::uint8_t* line = valid + (y - w.y) * w.width;
        const bool out = inside.empty() || y < inside.y || y >= inside.bottom();
        const std::int64_t left = out ? w.width : inside.x - w.x,
                           right = out ? w.width : inside.right() - w.x;
        std::memset(line, 0, static_cast<std::size_t>(left));
        std::memset(line + right, 0, static_cast<std::size_t>(w.width - right));
    }
    if (area_->polygons().empty()) return;
    cells_.visit(inside, [&](std::int64_t x, std::int64_t y, std::uint8_t in_area) {
        auto& v = valid[(y - w.y) * w.width + x - w.x];
        v = static_cast<std::uint8_t>(v & in_area);
    });
}

std::shared_ptr<const Area> make_area(const Grid& grid, const AreaOfInterest& aoi) {
    if (aoi.window) return Area::of_window(intersect(*aoi.window, grid.window()));
    if (aoi.bbox) return Area::of_box(grid, *aoi.bbox, aoi.bbox_crs);
    if (!aoi.vector.empty()) return Area::of_vector(grid, aoi.vector);
    return nullptr;
}

}  // namespace spectile
