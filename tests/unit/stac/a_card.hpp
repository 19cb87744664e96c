#pragma once

#include "pipeline/model_card.hpp"
#include "spectile/model.hpp"

namespace spectile::test {

inline StepDefinition a_step(const std::string& name, const std::string& parameters) {
    StepDefinition step;
    step.name = name;
    step.parameters = parameters;
    return step;
}

/// A card of two named bands and two classes, one name of which is no word.
inline ModelCard a_card() {
    ModelCard card;
    card.folder = "/models/m";
    card.file = "/models/m/model.yaml";
    card.name = "fields & woods";
    card.summary = "Fields and woods.";
    card.task = Task::classification;
    card.architecture = "spectral_mamba";
    card.parameters = R"({"bands": 2, "classes": 2})";
    card.weights = "/models/m/weights.safetensors";
    card.weights_sha256 = std::string(64, 'a');
    card.bands = {{"red", 665.0, 31.0}, {"nir", 833.0, 106.0}};
    card.prepare = {a_step("standardise", R"({"mean": [0.1, 0.3], "std": 0.5})")};
    card.classes = {{1, "open field", {1, 2, 255}}, {2, "wood", {0, 128, 0}}};
    card.licence = "Apache-2.0";
    card.canonical = canonical_model_card(card);
    return card;
}

}  // namespace spectile::test
