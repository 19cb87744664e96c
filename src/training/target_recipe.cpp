#include "training/target_recipe.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "spectile/error.hpp"
#include "training/take_key.hpp"

namespace spectile::training {
namespace {

using Json = nlohmann::ordered_json;

void refuse_classifiers_keys(const Recipe& recipe, const std::string& file) {
    const auto refuse = [&](const char* key) {
        throw Error(Code::definition,
                    fmt::format("{}: recipe.{} belongs to classifiers; leave it out", file, key));
    };
    if (recipe.class_weights != "none") refuse("class_weights");
    if (recipe.label_smoothing > 0) refuse("label_smoothing");
    if (recipe.augmentation.spectral_dropout > 0) refuse("augmentation.spectral_dropout");
    if (recipe.augmentation.mixing > 0) refuse("augmentation.mixing");
}

}  // namespace

TargetRecipe read_target_recipe(const std::string& json, const std::string& file) {
    Json object = Json::parse(json, nullptr, /*allow_exceptions=*/false);
    if (!object.is_object()) throw Error(Code::definition, file + ": recipe must be a mapping");
    TargetRecipe recipe;
    take_key(object, "loss", recipe.loss);
    take_key(object, "optimiser", recipe.optimiser);
    take_key(object, "target_share", recipe.target_share);
    take_key(object, "scale", recipe.scale);
    take_key(object, "repeats", recipe.repeats);
    take_key(object, "crops", recipe.crops);
    take_key(object, "validate_every", recipe.validate_every);
    take_key(object, "prior", recipe.prior);
    recipe.common = read_recipe(object.dump(), file);
    refuse_classifiers_keys(recipe.common, file);
    return recipe;
}

std::string to_json(const TargetRecipe& recipe) {
    Json json = Json::parse(to_json(recipe.common));
    for (const char* key : {"class_weights", "label_smoothing"}) json.erase(key);
    for (const char* key : {"spectral_dropout", "mixing"}) json["augmentation"].erase(key);
    json["loss"] = recipe.loss;
    json["optimiser"] = recipe.optimiser;
    json["target_share"] = recipe.target_share;
    if (recipe.scale > 1) json["scale"] = recipe.scale;
    if (recipe.repeats > 0) json["repeats"] = recipe.repeats;
    json["crops"] = recipe.crops;
    json["validate_every"] = recipe.validate_every;
    json["prior"] = recipe.prior;
    return json.dump();
}

}  // namespace spectile::training
