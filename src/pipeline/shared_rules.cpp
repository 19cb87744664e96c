#include "pipeline/shared_rules.hpp"

namespace spectile::definition {

RulePtr nodata_rule() { return either({number(), one_of({"nan", ".nan"})}); }

RulePtr options_rule(const std::string& whose) {
    return either({list_of(text("NAME=VALUE")),
                   open_map("", "", {}, either({text("text"), number(), boolean()}), whose + " by name.")});
}

RulePtr area_rule() {
    return either(
        {file_name(),
         with_exactly_one(
             map_of("area", "Which part of a scene is wanted. Exactly one of `path`, `window` and `bbox`.",
                    {{.name = "path",
                      .rule = file_name(),
                      .doc = "Vector file or GDAL name; polygons in any CRS"},
                     {.name = "window",
                      .rule = list_of(whole(0), 4, 4),
                      .doc = "x, y, width, height in pixels of the scene, from its top left corner",
                      .unit = "pixels"},
                     {.name = "bbox",
                      .rule = list_of(number(), 4, 4),
                      .doc = "xmin, ymin, xmax, ymax in `crs`",
                      .unit = "CRS units"},
                     {.name = "crs",
                      .rule = text("a CRS in any form PROJ takes, as EPSG:4326"),
                      .doc = "CRS of `bbox`; the scene's own where it is left out"}}),
             {"path", "window", "bbox"})});
}

std::vector<Key> scene_reading_keys() {
    return {
        {.name = "wavelengths",
         .rule = either({file_name(), list_of(number_above(0), 1)}),
         .doc = "Centre wavelengths, one per band of the file: a list, or a file with them (text, CSV, "
                "ENVI header, "
                "EnMAP or PRISMA metadata)",
         .unit = "nm"},
        {.name = "scale",
         .rule = number(),
         .doc = "physical = scale * stored + offset, in place of what the file says"},
        {.name = "offset", .rule = number(), .doc = "See `scale`"},
        {.name = "nodata",
         .rule = nodata_rule(),
         .doc = "Stored value that means no measurement, in place of what the file says",
         .unit = "stored values"},
        {.name = "resampling",
         .rule = one_of({"near", "bilinear", "cubic", "cubicspline", "lanczos", "average"}),
         .doc = "How rasters on another grid are brought to that of the first date, or of a stack to that "
                "with the smallest pixels; refused where it is left out"},
        {.name = "names",
         .rule = list_of(text("a band name"), 1),
         .doc = "Names of the bands, one per band, in place of the files' own; of files with one nameless "
                "band each, the word in the file's name that reads like a band (B02, B8A)"},
        {.name = "bands",
         .rule = list_of(whole(1), 1),
         .doc = "Bands to use, counted from 1, in this order; all where it is left out"},
        {.name = "options",
         .rule = options_rule("GDAL open options"),
         .doc = "GDAL open options, `NAME=VALUE`"},
        {.name = "aoi",
         .rule = area_rule(),
         .doc = "Area of interest of this scene, in place of the pipeline's"},
        {.name = "mask",
         .rule = file_name(),
         .doc = "Raster (0 = invalid) or vector (inside = valid), in place of the pipeline's"}};
}

RulePtr scene_rule() {
    std::vector<Key> one = {{.name = "path",
                             .rule = either({file_name(), list_of(file_name(), 1)}),
                             .doc = "File or GDAL name; a list is stacked as bands of one grid",
                             .required = true}};
    std::vector<Key> change = {{.name = "before",
                                .rule = file_name(),
                                .doc = "File or GDAL name of the earlier date",
                                .required = true},
                               {.name = "after",
                                .rule = file_name(),
                                .doc = "File or GDAL name of the later date",
                                .required = true}};
    for (const auto& key : scene_reading_keys()) {
        one.push_back(key);
        change.push_back(key);
    }
    return either({file_name(), map_of("scene", "One input image.", std::move(one)),
                   map_of("change scene", "Two dates of one place, for change maps.", std::move(change)),
                   list_of(file_name(), 1)});
}

RulePtr steps_rule() {
    return list_of(either(
        {text("a step's name"),
         single_key(open_map("", "",
                             {{.name = "preset",
                               .rule = either({text("a preset's name"),
                                               open_map("", "", {}, any("anything"), "The preset's name.")}),
                               .doc = "A published recipe by its name"}},
                             open_map("", "", {}, any("anything"), "The step's parameters."),
                             "One step's name, with its parameters."))}));
}

RulePtr classes_rule() {
    auto entry =
        map_of("class", "One class, in the order of the network's outputs.",
               {{.name = "value",
                 .rule = whole(0, 65535),
                 .doc = "Pixel value in class maps; counted from 1 where it is left out"},
                {.name = "name", .rule = text("a class name"), .doc = "Name in legends", .required = true},
                {.name = "color",
                 .rule = text_like("a colour in quotes, like '#1f77b4'", "#[0-9a-fA-F]{6}"),
                 .doc = "Colour in maps; from a fixed palette where it is left out"}});
    return list_of(either({text("a class name"), entry}), 0, 65536);
}

RulePtr matching_rule() {
    return map_of(
        "matching", "How the bands that the model expects are found in a scene.",
        {{.name = "by",
          .rule = one_of({"wavelength", "name", "position"}),
          .doc = "wavelength where the bands have one, else name where they have one, else position"},
         {.name = "tolerance",
          .rule = number(0),
          .doc = "Largest difference accepted between wanted and found wavelength; 0 = half the local band "
                 "spacing",
          .fallback = 0,
          .unit = "nm"},
         {.name = "resample",
          .rule = one_of({"none", "linear", "gaussian"}),
          .doc = "none takes the nearest band; linear interpolates; gaussian weights by the bands' widths",
          .fallback = "none"}});
}

}  // namespace spectile::definition
