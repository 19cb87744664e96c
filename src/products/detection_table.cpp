#include "products/detection_table.hpp"

#include <ogrsf_frmts.h>

#include <filesystem>
#include <memory>

#include "products/feature_file.hpp"
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

/// The table's: as asked for, else the first that a file has; empty where none has one.
OGRSpatialReference crs_of(const DetectionTable& table) {
    OGRSpatialReference crs;
    if (!table.crs.empty() && crs.SetFromUserInput(table.crs.c_str()) != OGRERR_NONE)
        throw Error(Code::definition, table.where + "crs: '" + table.crs + "' is none that PROJ knows");
    for (std::size_t i = 0; crs.IsEmpty() && i < table.files.size(); ++i)
        if (const auto own = crs_of(*open_features(table.files[i])->GetLayer(0))) crs = *own;
    crs.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    return crs;
}

/// One layer that grows file by file.
class TableWriter {
public:
    TableWriter(const DetectionTable& table, const std::string& target)
        : table_(table), crs_(crs_of(table)), file_(table.driver, target, crs_.IsEmpty() ? nullptr : &crs_) {
        const auto first = open_features(table.files.front());
        const OGRFeatureDefn& like = *first->GetLayer(0)->GetLayerDefn();
        for (int i = 0; i < like.GetFieldCount(); ++i) file_.make_column(*like.GetFieldDefn(i));
        file_.begin();
    }

    void add(const std::string& file) {
        const auto dataset = open_features(file);
        OGRLayer& from = *dataset->GetLayer(0);
        const Transformation transformation = way_from(from, file);
        for (const auto& feature : from) {
            OGRFeature row = file_.new_row();
            row.SetFrom(feature.get());  // Columns by name.
            row.SetFID(OGRNullFID);
            row.SetField("id", static_cast<GIntBig>(++rows_));
            if (transformation) move(row, *transformation, file);
            file_.add(row);
        }
    }

    void close() { file_.close(); }

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
    OGRSpatialReference crs_;
    FeatureFile file_;
    std::int64_t rows_ = 0;
};

}  // namespace

void write_detection_table(const DetectionTable& table, const std::string& target) {
    start_gdal();
    TableWriter writer(table, target);
    for (const auto& file : table.files) writer.add(file);
    writer.close();
}

}  // namespace spectile::products
