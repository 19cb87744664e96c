#pragma once

#include <ogrsf_frmts.h>

#include <span>
#include <string>

#include "products/fixed_date.hpp"
#include "products/gdal_dataset.hpp"
#include "products/parameters.hpp"

namespace spectile::products {

/// GDAL's driver for a product of features: the definition's format, else by the extension.
/// Throws Error{Code::definition} for an extension that names none, and for a driver that holds no vectors.
std::string feature_driver(const ProductDefinition& definition, const Parameters& parameters);

struct FeatureColumn {
    const char* name;
    OGRFieldType type;
};

/// A file of outlines (MultiPolygon) while it is written; a CSV has their columns alone. Equal features give
/// equal bytes.
class FeatureFile {
public:
    /// `crs` may be null. Throws Error{Code::write}.
    FeatureFile(const std::string& driver, const std::string& target, const OGRSpatialReference* crs);

    /// Throws Error{Code::write}.
    void make_column(const OGRFieldDefn& column);
    void make_columns(std::span<const FeatureColumn> columns);
    /// To be called between the columns and the first feature: GeoPackage is slow without.
    void begin() { in_transaction_ = dataset_->StartTransaction() == OGRERR_NONE; }
    /// A feature without values, to be filled in and added.
    OGRFeature new_row() const { return OGRFeature(layer_->GetLayerDefn()); }
    /// Throws Error{Code::write}.
    void add(OGRFeature& row);
    /// Writes what is left and forces it to disk. Throws Error{Code::write}.
    void close();

private:
    const FixedDate fixed_;
    GdalErrors errors_;
    std::string target_;
    DatasetHandle dataset_;
    OGRLayer* layer_ = nullptr;
    bool in_transaction_ = false;
};

}  // namespace spectile::products
