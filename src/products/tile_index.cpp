#include "products/tile_index.hpp"

#include <ogrsf_frmts.h>

#include <filesystem>

#include "products/durable_file.hpp"
#include "products/fixed_date.hpp"
#include "products/gdal_dataset.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

/// The raster's outline along its edges, in its own CRS.
OGRPolygon outline_of(GDALDataset& dataset) {
    double t[6];
    dataset.GetGeoTransform(t);
    OGRLinearRing ring;
    const double width = dataset.GetRasterXSize(), height = dataset.GetRasterYSize();
    const double corners[][2] = {{0, 0}, {width, 0}, {width, height}, {0, height}, {0, 0}};
    for (const auto& [col, row] : corners)
        ring.addPoint(t[0] + col * t[1] + row * t[2], t[3] + col * t[4] + row * t[5]);
    OGRPolygon outline;
    outline.addRing(&ring);
    return outline;
}

void add_columns(OGRLayer& layer) {
    for (const char* name : {"location", "scene"}) {
        OGRFieldDefn field(name, OFTString);
        layer.CreateField(&field);
    }
}

}  // namespace

void write_tile_index(const TileIndex& index, const std::string& folder, const std::string& target) {
    start_gdal();
    const FixedDate fixed;
    const auto first = open_raster(index.rasters.front());
    OGRSpatialReference crs;
    if (const auto* given = first->GetSpatialRef()) crs = *given;
    GdalErrors errors;
    DatasetHandle out(driver_of(index.driver).Create(target.c_str(), 0, 0, 0, GDT_Unknown, nullptr));
    if (!out) throw_write_error(target, "cannot be made", errors.text());
    OGRLayer* layer = out->CreateLayer(std::filesystem::path(target).stem().c_str(),
                                       crs.IsEmpty() ? nullptr : &crs, wkbPolygon, nullptr);
    if (!layer) throw_write_error(target, "a layer cannot be made", errors.text());
    add_columns(*layer);
    for (std::size_t i = 0; i < index.rasters.size(); ++i) {
        const auto dataset = open_raster(index.rasters[i]);
        OGRPolygon outline = outline_of(*dataset);
        const auto* own = dataset->GetSpatialRef();
        if (own && !crs.IsEmpty()) {
            outline.assignSpatialReference(const_cast<OGRSpatialReference*>(own));
            if (!own->IsSame(&crs) && outline.transformTo(&crs) != OGRERR_NONE)
                throw Error(Code::scene, index.rasters[i] +
                                             ": its outline cannot be brought into the CRS of " +
                                             index.rasters.front());
        }
        OGRFeature feature(layer->GetLayerDefn());
        feature.SetField("location",
                         std::filesystem::path(index.rasters[i]).lexically_proximate(folder).c_str());
        feature.SetField("scene", index.scenes[i].c_str());
        feature.SetGeometry(&outline);
        if (layer->CreateFeature(&feature) != OGRERR_NONE)
            throw_write_error(target, "cannot be written", errors.text());
    }
    out.reset();
    if (errors.failed()) throw_write_error(target, "cannot be closed", errors.text());
}

}  // namespace spectile::products
