#include "raster/coordinate_operation.hpp"

#include <proj.h>

#include <algorithm>
#include <memory>

#include "gdal/errors.hpp"
#include "raster/georeference.hpp"
#include "spectile/error.hpp"

namespace spectile {
namespace {

struct CloseProj {
    void operator()(PJ_CONTEXT* context) const { proj_context_destroy(context); }
    void operator()(PJ_OPERATION_FACTORY_CONTEXT* factory) const {
        proj_operation_factory_context_destroy(factory);
    }
    void operator()(PJ_OBJ_LIST* list) const { proj_list_destroy(list); }
    void operator()(PJ* object) const { proj_destroy(object); }
};
using Context = std::unique_ptr<PJ_CONTEXT, CloseProj>;
using Object = std::unique_ptr<PJ, CloseProj>;

std::string text_or_nothing(const char* text) { return text ? text : ""; }

/// Heights are no matter of a map: a CRS with them would ask for a geoid.
Object horizontal_crs(PJ_CONTEXT* context, const std::string& wkt, const std::string& where) {
    OGRSpatialReference crs = crs_of(wkt);
    crs.StripVertical();
    crs.DemoteTo2D(nullptr);
    Object flat(proj_create(context, wkt2_of(&crs).c_str()));
    if (!flat) throw Error(Code::scene, where + crs_name(wkt) + " is no CRS that PROJ can transform");
    return flat;
}

/// Operations from the best to the worst, as if every grid were installed.
std::unique_ptr<PJ_OBJ_LIST, CloseProj> operations(PJ_CONTEXT* context, const PJ* from, const PJ* to,
                                                   const std::optional<DegreeBox>& place) {
    const std::unique_ptr<PJ_OPERATION_FACTORY_CONTEXT, CloseProj> factory(
        proj_create_operation_factory_context(context, nullptr));
    if (place)
        proj_operation_factory_context_set_area_of_interest(context, factory.get(), (*place)[0], (*place)[1],
                                                            (*place)[2], (*place)[3]);
    proj_operation_factory_context_set_spatial_criterion(context, factory.get(),
                                                         PROJ_SPATIAL_CRITERION_PARTIAL_INTERSECTION);
    proj_operation_factory_context_set_grid_availability_use(context, factory.get(),
                                                             PROJ_GRID_AVAILABILITY_IGNORED);
    proj_operation_factory_context_set_allow_ballpark_transformations(context, factory.get(), false);
    return std::unique_ptr<PJ_OBJ_LIST, CloseProj>(proj_create_operations(context, from, to, factory.get()));
}

/// The grids that an operation reads; `missing` is the first that is not installed.
std::vector<std::string> grids_of(PJ_CONTEXT* context, const PJ* operation, std::string& missing) {
    std::vector<std::string> names;
    for (int i = 0; i < proj_coordoperation_get_grid_used_count(context, operation); ++i) {
        const char* name = nullptr;
        int available = 0;
        if (!proj_coordoperation_get_grid_used(context, operation, i, &name, nullptr, nullptr, nullptr,
                                               nullptr, nullptr, &available))
            continue;
        names.push_back(text_or_nothing(name));
        if (!available && missing.empty()) missing = names.back();
    }
    return names;
}

}  // namespace

std::optional<DegreeBox> degrees_of(const Grid& source) {
    const GdalErrors quiet;
    OGRSpatialReference crs = crs_of(source.georeference.crs_wkt), wgs84 = crs_of("EPSG:4326");
    const std::unique_ptr<OGRCoordinateTransformation> to_degrees(
        OGRCreateCoordinateTransformation(&crs, &wgs84));
    if (!to_degrees) return std::nullopt;
    const auto& t = source.georeference.geotransform;
    double box[4] = {1e300, 1e300, -1e300, -1e300};
    for (const double col : {0.0, static_cast<double>(source.width)})
        for (const double row : {0.0, static_cast<double>(source.height)}) {
            const double x = t[0] + col * t[1] + row * t[2], y = t[3] + col * t[4] + row * t[5];
            box[0] = std::min(box[0], x), box[1] = std::min(box[1], y);
            box[2] = std::max(box[2], x), box[3] = std::max(box[3], y);
        }
    DegreeBox out{};
    auto& [west, south, east, north] = out;
    constexpr int kPointsAnEdge = 21;
    if (!to_degrees->TransformBounds(box[0], box[1], box[2], box[3], &west, &south, &east, &north,
                                     kPointsAnEdge))
        return std::nullopt;
    return out;
}

CoordinateOperation choose_operation(const std::string& from, const std::string& to,
                                     const std::optional<DegreeBox>& place, const std::string& where) {
    const OGRSpatialReference one = crs_of(from), other = crs_of(to);
    if (one.IsSame(&other)) return {};
    const Context context(proj_context_create());
    proj_context_set_enable_network(context.get(), false);
    proj_log_level(context.get(), PJ_LOG_NONE);
    const Object source = horizontal_crs(context.get(), from, where);
    const Object target = horizontal_crs(context.get(), to, where);
    const auto found = operations(context.get(), source.get(), target.get(), place);
    const std::string pair = where + "from " + crs_name(from) + " to " + crs_name(to) + " ";
    if (!found || proj_list_get_count(found.get()) == 0)
        throw Error(Code::scene, pair +
                                     "PROJ knows only a ballpark transformation, which leaves out how the "
                                     "datums differ; choose a crs on the scene's datum");
    const Object best(proj_list_get(context.get(), found.get(), 0));
    CoordinateOperation out;
    std::string missing;
    out.grids = grids_of(context.get(), best.get(), missing);
    out.name = text_or_nothing(proj_get_name(best.get()));
    if (!missing.empty())
        throw Error(Code::scene, pair + "the best operation (" + out.name + ") needs the grid " + missing +
                                     ", which is not installed; get it with projsync --file " + missing);
    const char* pipeline = proj_as_proj_string(context.get(), best.get(), PJ_PROJ_5, nullptr);
    if (!pipeline || !*pipeline || proj_coordoperation_has_ballpark_transformation(context.get(), best.get()))
        throw Error(Code::scene, pair + "PROJ has no operation that it can carry out (" + out.name + ")");
    out.pipeline = pipeline;
    const double accuracy = proj_coordoperation_get_accuracy(context.get(), best.get());
    if (accuracy >= 0) out.accuracy = accuracy;
    return out;
}

}  // namespace spectile
