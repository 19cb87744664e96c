#include "products/detection_table.hpp"

#include <ogrsf_frmts.h>

#include <filesystem>
#include <memory>

#include "products/durable_file.hpp"
#include "products/fixed_date.hpp"
#include "products/gdal_dataset.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

using Transformation = std::unique_ptr<OGRCoordinateTransformation>;

DatasetHandle open_features(const std::string& path) {
    const GdalErrors errors;
    // A CSV says nothing of its columns' types; without numbers it could not be written as another format.
    const char* const options[] = {"AUTODETECT_TYPE=YES", nullptr};
    const bool table = std::filesystem::path(path).extension() == ".csv";
    DatasetHandle dataset(
        GDALDataset::Open(path.c_str(), GDAL_OF_VECTOR, nullptr, table ? options : nullptr));
    if (!dataset || !dataset->GetLayer(0))
        throw Error(Code::read, path + ": the detections cannot be read", errors.text());
    return dataset;
}

/// The CRS of a file's features, by what they say themselves: GeoPackage and GeoJSON give a layer without one
/// some other. Nothing where there is none, or no feature.
std::unique_ptr<OGRSpatialReference> crs_of(OGRLayer& layer) {
    layer.ResetReading();
    const OGRFeatureUniquePtr first(layer.GetNextFeature());
    layer.ResetReading();
    if (!first || !layer.GetSpatialRef() || EQUAL(first->GetFieldAsString("units"), "pixels")) return nullptr;
    std::unique_ptr<OGRSpatialReference> crs(layer.GetSpatialRef()->Clone());
    crs->SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    return crs;
}

/// One layer that grows file by file.
class TableWriter {
public:
    TableWriter(const DetectionTable& table, const std::string& target) : table_(table), target_(target) {
        if (!table.crs.empty() && crs_.SetFromUserInput(table.crs.c_str()) != OGRERR_NONE)
            throw Error(Code::definition, table.where + "crs: '" + table.crs + "' is none that PROJ knows");
        const auto first = open_features(table.files.front());
        OGRLayer& like = *first->GetLayer(0);
        for (std::size_t i = 0; crs_.IsEmpty() && i < table.files.size(); ++i)
            if (const auto own = crs_of(*open_features(table.files[i])->GetLayer(0))) crs_ = *own;
        crs_.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
        dataset_.reset(driver_of(table.driver).Create(target.c_str(), 0, 0, 0, GDT_Unknown, nullptr));
        if (!dataset_) throw_write_error(target, "cannot be made", errors_.text());
        layer_ = dataset_->CreateLayer(std::filesystem::path(target).stem().c_str(),
                                       crs_.IsEmpty() ? nullptr : &crs_,
                                       table.driver == "CSV" ? wkbNone : wkbMultiPolygon, nullptr);
        if (!layer_) throw_write_error(target, "a layer cannot be made", errors_.text());
        for (int i = 0; i < like.GetLayerDefn()->GetFieldCount(); ++i)
            layer_->CreateField(like.GetLayerDefn()->GetFieldDefn(i));
        in_transaction_ = dataset_->StartTransaction() == OGRERR_NONE;
    }

    void add(const std::string& file) {
        const auto dataset = open_features(file);
        OGRLayer& from = *dataset->GetLayer(0);
        const Transformation transformation = way_from(from, file);
        for (const auto& feature : from) {
            OGRFeature row(layer_->GetLayerDefn());
            row.SetFrom(feature.get());  // Columns by name.
            row.SetFID(OGRNullFID);
            row.SetField("id", static_cast<GIntBig>(++rows_));
            if (transformation) move(row, *transformation, file);
            if (layer_->CreateFeature(&row) != OGRERR_NONE)
                throw_write_error(target_, "cannot be written", errors_.text());
        }
    }

    void close() {
        if (in_transaction_ && dataset_->CommitTransaction() != OGRERR_NONE)
            throw_write_error(target_, "cannot be written", errors_.text());
        dataset_.reset();
        if (errors_.failed()) throw_write_error(target_, "cannot be closed", errors_.text());
    }

private:
    /// Nothing where the file is in the table's CRS already, or neither has one.
    Transformation way_from(OGRLayer& from, const std::string& file) const {
        if (table_.driver == "CSV" || crs_.IsEmpty() || from.GetFeatureCount() == 0) return nullptr;
        const auto own = crs_of(from);
        if (!own)
            throw Error(Code::definition, table_.where + file +
                                              " is in pixels, without a CRS, and others have one; "
                                              "one table cannot hold both");
        if (own->IsSame(&crs_)) return nullptr;
        Transformation way(OGRCreateCoordinateTransformation(own.get(), &crs_));
        if (!way)
            throw Error(Code::definition, table_.where + file + ": cannot be brought into the table's CRS");
        return way;
    }

    void move(OGRFeature& row, OGRCoordinateTransformation& way, const std::string& file) const {
        double x = row.GetFieldAsDouble("x"), y = row.GetFieldAsDouble("y");
        OGRGeometry* outline = row.GetGeometryRef();
        if (!outline || outline->transform(&way) != OGRERR_NONE || !way.Transform(1, &x, &y))
            throw Error(Code::definition,
                        table_.where + file + ": a detection cannot be brought into the table's CRS");
        row.SetField("x", x);
        row.SetField("y", y);
        OGREnvelope box;
        outline->getEnvelope(&box);
        row.SetField("xmin", box.MinX);
        row.SetField("ymin", box.MinY);
        row.SetField("xmax", box.MaxX);
        row.SetField("ymax", box.MaxY);
    }

    const DetectionTable& table_;
    std::string target_;
    GdalErrors errors_;
    OGRSpatialReference crs_;
    DatasetHandle dataset_;
    OGRLayer* layer_ = nullptr;
    bool in_transaction_ = false;
    std::int64_t rows_ = 0;
};

}  // namespace

void write_detection_table(const DetectionTable& table, const std::string& target) {
    start_gdal();
    const FixedDate fixed;
    TableWriter writer(table, target);
    for (const auto& file : table.files) writer.add(file);
    writer.close();
}

}  // namespace spectile::products
