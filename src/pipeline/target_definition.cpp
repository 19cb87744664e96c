#include "pipeline/target_definition.hpp"

#include "pipeline/shared_readers.hpp"
#include "pipeline/shared_rules.hpp"

namespace spectile::definition {

RulePtr target_rule() {
    return map_of("target", "The grid that raster products are brought to before they are published.",
                  {{.name = "crs",
                    .rule = text("a CRS in any form PROJ takes, as EPSG:3035"),
                    .doc = "CRS of the grid; the scene's own where it is left out"},
                   {.name = "resolution",
                    .rule = number_above(0),
                    .doc = "Pixel side in units of the CRS. The lines of the grid are multiples of it",
                    .required = true},
                   {.name = "resampling",
                    .rule = one_of({"near", "bilinear", "cubic", "cubicspline", "lanczos", "average"}),
                    .doc = "How GDAL brings values there that may be mixed: probabilities, confidence, bands",
                    .fallback = "bilinear"},
                   {.name = "class_resampling",
                    .rule = one_of({"near", "mode"}),
                    .doc = "How it brings classes there: class maps and masks",
                    .fallback = "near"}});
}

TargetDefinition read_target(const Document& document, const Value& map) {
    TargetDefinition target;
    target.mark = document.mark(map);
    target.crs = text_or(map, "crs");
    target.resolution = number_at(map, "resolution").value_or(0);
    if (!(target.resolution > 0)) document.fail(map, "target.resolution: must be above 0");
    target.resampling = text_or(map, "resampling", "bilinear");
    target.class_resampling = text_or(map, "class_resampling", "near");
    return target;
}

}  // namespace spectile::definition
