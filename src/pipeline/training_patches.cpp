// `patches:` of a training definition.
#include "pipeline/paths.hpp"
#include "pipeline/shared_readers.hpp"
#include "pipeline/shared_rules.hpp"
#include "pipeline/training_parts.hpp"

namespace spectile::definition {

RulePtr patches_rule() {
    std::vector<Key> keys = {
        {.name = "index",
         .rule = file_name(),
         .doc =
             "CSV with the columns `path` and `label`, and optionally `role`, `place`, `window` and `bands`; "
             "or a folder that holds a folder of images for each class",
         .required = true}};
    for (const auto& key : scene_reading_keys())
        if (key.name != "aoi" && key.name != "mask") keys.push_back(key);
    return map_of(
        "patches",
        "Images with labels as a whole, for `spectral_gpt` with the task classification: one class "
        "each, or with `parameters: {multi_label: true}` any number of them, with semicolons between.",
        std::move(keys));
}

std::optional<LabelledPatches> read_patches(const Document& document, const std::string& folder) {
    const Value* map = document.root.find("patches");
    if (!map) return std::nullopt;
    if (const Value* labels = document.root.find("labels"))
        document.fail(*labels, "labels: those of patches stand in their index; leave the key out");
    LabelledPatches patches;
    patches.index = resolved(map->find("index")->text, folder);
    if (patches.index.size() > 1 && patches.index.ends_with('/')) patches.index.pop_back();
    read_scene_keys(document, *map, folder, patches.reading);
    return patches;
}

SplitDefinition read_patch_split(const Document& document, const Value* map) {
    const SplitDefinition split = read_split(document, map, "given");
    if (!map) return split;
    const auto refuse = [&](const char* key, const char* why) {
        if (const Value* value = map->find(key))
            document.fail(*value, std::string("split.") + key + ": " + why);
    };
    if (split.by != "given" && split.by != "random")
        refuse("by", "patches are split by given (their index's roles) or random");
    for (const char* key : {"tile", "folds", "validation", "test", "training_pixels"})
        refuse(key, "is for scenes, and this training has patches; leave the key out");
    return split;
}

nlohmann::json patches_json(const LabelledPatches& patches) {
    const auto& reading = patches.reading;
    nlohmann::json json = {{"index", patches.index},
                           {"bands", reading.bands},
                           {"names", reading.band_names},
                           {"options", reading.open_options},
                           {"resampling", reading.resampling},
                           {"wavelengths_file", reading.wavelengths_file},
                           {"wavelengths", reading.wavelengths_nm}};
    if (reading.scale) json["scale"] = *reading.scale;
    if (reading.offset) json["offset"] = *reading.offset;
    if (const auto& nodata = reading.nodata)
        json["nodata"] = *nodata == *nodata ? nlohmann::json(*nodata) : "nan";
    return json;
}

}  // namespace spectile::definition
