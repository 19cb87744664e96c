#include "pipeline/definition_schemas.hpp"
#include "pipeline/load.hpp"
#include "pipeline/shared_rules.hpp"
#include "pipeline/tasks.hpp"

namespace spectile::definition {
namespace {

RulePtr bands_rule() {
    auto band = map_of(
        "band", "One band that the model expects. At least one key.",
        {{.name = "name", .rule = text("a band name"), .doc = "Name, as the scene's bands may have it"},
         {.name = "wavelength", .rule = number_above(0), .doc = "Centre wavelength", .unit = "nm"},
         {.name = "fwhm", .rule = number_above(0), .doc = "Full width at half maximum", .unit = "nm"}});
    auto compact = map_of("bands", "The same in short: one list per property, all of one length.",
                          {{.name = "wavelengths",
                            .rule = list_of(number_above(0), 1),
                            .doc = "Centre wavelengths",
                            .unit = "nm"},
                           {.name = "fwhm",
                            .rule = list_of(number_above(0), 1),
                            .doc = "Full widths at half maximum",
                            .unit = "nm"},
                           {.name = "names", .rule = list_of(text("a band name"), 1), .doc = "Names"}});
    return either({whole(1, 100'000), list_of(band, 1, 100'000), compact});
}

RulePtr weights_rule() {
    return either(
        {text("a file name"),
         map_of("weights", "The trained numbers, in a file of the model folder.",
                {{.name = "file",
                  .rule = text("a file name"),
                  .doc = "File in the model folder: safetensors, or network.pt of torchscript",
                  .required = true},
                 {.name = "sha256",
                  .rule = text_like("64 lower-case hexadecimal digits", "[0-9a-f]{64}"),
                  .doc = "SHA-256 of the file, checked whenever it is loaded; required for torchscript"}})});
}

std::vector<Key> description_keys() {
    return {{.name = "name",
             .rule = text("a name"),
             .doc = "Name of the model; the architecture's where it is left out"},
            {.name = "summary", .rule = text("a sentence"), .doc = "What it maps, from what"},
            {.name = "task",
             .rule = one_of(task_names()),
             .doc = "What the network does; required but for `identity`, whose task is bands"},
            {.name = "architecture",
             .rule = text("an architecture's name"),
             .doc = "Registered architecture; `spectile models` lists them",
             .required = true},
            {.name = "parameters",
             .rule = open_map("", "", {}, any("anything"), "Parameters of the architecture."),
             .doc = "Parameters of the architecture, checked by it"},
            {.name = "weights", .rule = weights_rule(), .doc = "The trained numbers; `identity` has none"}};
}

std::vector<Key> reading_keys() {
    return {
        {.name = "bands",
         .rule = bands_rule(),
         .doc = "Bands expected, in order: a list, the compact form, or only their number; any bands where "
                "it is left out"},
        {.name = "quantity",
         .rule = text("a quantity"),
         .doc = "What values are after scale and offset: reflectance, radiance, brightness_temperature ..."},
        {.name = "matching", .rule = matching_rule(), .doc = "How these bands are found in a scene"},
        {.name = "prepare",
         .rule = steps_rule(),
         .doc = "Preparation steps, in order, ending at the network: normalisation lives here",
         .fallback = nlohmann::json::array()},
        {.name = "tile",
         .rule = whole(1, 1 << 16),
         .doc = "Side of a tile's core; the architecture's default where it is left out",
         .unit = "pixels"},
        {.name = "halo",
         .rule = whole(0, 1 << 16),
         .doc = "Context the network needs; the architecture's own where it is left out",
         .unit = "pixels"},
        {.name = "padding",
         .rule = one_of({"nearest", "reflect"}),
         .doc = "How the scene continues beyond its edge",
         .fallback = "nearest"}};
}

std::vector<Key> record_keys() {
    return {
        {.name = "classes", .rule = classes_rule(), .doc = "Classes, in the order of the network's outputs"},
        {.name = "nodata",
         .rule = whole(0, 65535),
         .doc = "Value of class maps where there is no measurement; never a class value",
         .fallback = 0},
        {.name = "training",
         .rule = open_map("", "", {}, any("anything"), "Free."),
         .doc = "Data, split and recipe it was trained with"},
        {.name = "accuracy",
         .rule = open_map("", "", {}, any("anything"), "Free."),
         .doc = "How well it did, as `spectile evaluate --json` prints it"},
        {.name = "seams",
         .rule = open_map("", "", {}, any("anything"), "Free."),
         .doc = "How far tiles lie from one tile over all (or a denser grid of them), as `spectile seams "
                "--store` measured it"},
        {.name = "licence", .rule = text("a licence"), .doc = "Licence of the weights, as SPDX writes it"},
        {.name = "selftest",
         .rule = text("a file name"),
         .doc = "Input, expected output and tolerance; `selftest.safetensors` where that file is there"}};
}

}  // namespace

RulePtr model_rule() {
    static const RulePtr rule = [] {
        std::vector<Key> keys = {version_key()};
        for (const auto& part : {description_keys(), reading_keys(), record_keys()})
            keys.insert(keys.end(), part.begin(), part.end());
        return map_of("model card",
                      "`model.yaml` of a model folder: what the network is, expects and promises.",
                      std::move(keys));
    }();
    return rule;
}

}  // namespace spectile::definition
