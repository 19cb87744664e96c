#include "training/gpt_recipe.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "spectile/error.hpp"
#include "training/take_key.hpp"

namespace spectile::training {
namespace {

using Json = nlohmann::ordered_json;

GptRecipe defaults_of(const GptTask& task) {
    GptRecipe recipe;
    if (task.name == "segmentation") recipe.drop_path = 0.5;
    if (task.name == "segmentation" || task.name == "change") recipe.dropout = 0.5;
    if (task.name != "classification") return recipe;
    recipe.layer_decay = 0.75;
    recipe.drop_path = 0.2;
    if (task.multi_label) return recipe;
    recipe.mixup = 0.8;
    recipe.cutmix = 1;
    return recipe;
}

/// Keys that mean nothing for the task would be taken for obeyed.
void refuse_other_tasks(const Json& object, const GptTask& task, const std::string& file) {
    const bool dense = task.name != "classification";
    const auto refuse = [&](const char* key, const char* whose) {
        if (object.contains(key))
            throw Error(Code::definition,
                        fmt::format("{}: recipe.{} belongs to {}, and this is {}; leave it out", file, key,
                                    whose, task.multi_label ? "multi-label classification" : task.name));
    };
    for (const char* key : {"mixup", "cutmix", "mix_switch", "crop_scale", "centre_share"})
        if (dense) refuse(key, "classification of patches");
    for (const char* key : {"mixup", "cutmix", "mix_switch"})
        if (task.multi_label) refuse(key, "classes that exclude each other");
    for (const char* key : {"crops", "dropout"})
        if (!dense) refuse(key, "segmentation and change");
}

void refuse_common(const Recipe& recipe, const GptTask& task, const std::string& file) {
    const auto refuse = [&](const char* key) {
        throw Error(Code::definition,
                    fmt::format("{}: recipe.{} is not for spectral_gpt's {}{}; leave it out", file, key,
                                task.multi_label ? "multi-label " : "", task.name));
    };
    const auto& augmentation = recipe.augmentation;
    if (augmentation.mixing > 0) refuse("augmentation.mixing");
    if (recipe.label_smoothing > 0 && (task.name != "classification" || task.multi_label))
        refuse("label_smoothing");
    if (task.name != "classification") return;
    if (recipe.sampling != "plain") refuse("sampling");
    if (recipe.class_weights != "none") refuse("class_weights");
    if (augmentation.brightness > 0) refuse("augmentation.brightness");
}

}  // namespace

GptRecipe read_gpt_recipe(const std::string& json, const GptTask& task, const std::string& file) {
    Json object = Json::parse(json, nullptr, /*allow_exceptions=*/false);
    if (!object.is_object()) throw Error(Code::definition, file + ": recipe must be a mapping");
    refuse_other_tasks(object, task, file);
    GptRecipe recipe = defaults_of(task);
    take_key(object, "layer_decay", recipe.layer_decay);
    take_key(object, "drop_path", recipe.drop_path);
    take_key(object, "dropout", recipe.dropout);
    take_key(object, "crops", recipe.crops);
    take_key(object, "validate_every", recipe.validate_every);
    take_key(object, "mixup", recipe.mixup);
    take_key(object, "cutmix", recipe.cutmix);
    take_key(object, "mix_switch", recipe.mix_switch);
    take_key(object, "crop_scale", recipe.crop_scale);
    take_key(object, "centre_share", recipe.centre_share);
    recipe.common = read_recipe(object.dump(), file);
    refuse_common(recipe.common, task, file);
    return recipe;
}

std::string to_json(const GptRecipe& recipe, const GptTask& task) {
    Json json = Json::parse(to_json(recipe.common));
    json["augmentation"].erase("mixing");
    json["layer_decay"] = recipe.layer_decay;
    json["drop_path"] = recipe.drop_path;
    json["validate_every"] = recipe.validate_every;
    if (task.multi_label) json.erase("label_smoothing");
    if (task.name == "classification") {
        for (const char* key : {"sampling", "class_weights"}) json.erase(key);
        json["augmentation"].erase("brightness");
        if (!task.multi_label) {
            json["mixup"] = recipe.mixup;
            json["cutmix"] = recipe.cutmix;
            json["mix_switch"] = recipe.mix_switch;
        }
        json["crop_scale"] = recipe.crop_scale;
        json["centre_share"] = recipe.centre_share;
    } else {
        json.erase("label_smoothing");
        json["dropout"] = recipe.dropout;
        json["crops"] = recipe.crops;
    }
    return json.dump();
}

}  // namespace spectile::training
