#include "products/feature_file.hpp"

#include <filesystem>

#include "products/durable_file.hpp"
#include "spectile/error.hpp"

namespace spectile::products {

std::string feature_driver(const ProductDefinition& definition, const Parameters& parameters) {
    namespace fs = std::filesystem;
    start_gdal();
    if (!definition.format.empty()) {
        if (!driver_of(definition.format).GetMetadataItem(GDAL_DCAP_VECTOR))
            parameters.refuse("format: " + definition.format + " holds no vectors");
        return definition.format;
    }
    const auto extension = fs::path(definition.path).extension().string();
    if (extension == ".gpkg") return "GPKG";
    if (extension == ".geojson" || extension == ".json") return "GeoJSON";
    if (extension == ".fgb") return "FlatGeobuf";
    if (extension == ".parquet") return "Parquet";
    if (extension == ".csv") return "CSV";
    parameters.refuse(definition.path +
                      ": its extension names no format; use .gpkg, .geojson, .fgb, .parquet or .csv");
}

FeatureFile::FeatureFile(const std::string& driver, const std::string& target, const OGRSpatialReference* crs)
    : target_(target), dataset_(driver_of(driver).Create(target.c_str(), 0, 0, 0, GDT_Unknown, nullptr)) {
    if (!dataset_) throw_write_error(target, "cannot be made", errors_.text());
    const auto name = std::filesystem::path(target).stem().string();
    // GDAL takes the CRS as not const and clones it.
    layer_ = dataset_->CreateLayer(name.c_str(), const_cast<OGRSpatialReference*>(crs),
                                   driver == "CSV" ? wkbNone : wkbMultiPolygon, nullptr);
    if (!layer_) throw Error(Code::write, target + ": a layer of features cannot be made");
}

void FeatureFile::make_column(const OGRFieldDefn& column) {
    // As the CRS above.
    if (layer_->CreateField(const_cast<OGRFieldDefn*>(&column)) != OGRERR_NONE)
        throw_write_error(target_, std::string("has no room for the column ") + column.GetNameRef(),
                          errors_.text());
}

void FeatureFile::make_columns(std::span<const FeatureColumn> columns) {
    for (const auto& column : columns) make_column(OGRFieldDefn(column.name, column.type));
}

void FeatureFile::add(OGRFeature& row) {
    if (layer_->CreateFeature(&row) != OGRERR_NONE)
        throw_write_error(target_, "cannot be written", errors_.text());
}

void FeatureFile::close() {
    if (in_transaction_ && dataset_->CommitTransaction() != OGRERR_NONE)
        throw_write_error(target_, "cannot be written", errors_.text());
    dataset_.reset();
    if (errors_.failed()) throw_write_error(target_, "cannot be closed", errors_.text());
    sync_file(target_);
}

}  // namespace spectile::products
