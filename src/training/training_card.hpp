#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "spectile/model.hpp"
#include "spectile/scene.hpp"
#include "spectile/training.hpp"

namespace spectile::training {

/// The card of the model to be, but for the task: from the definition, the model to fine-tune (if any) and
/// the bands of a scene. Throws Error{Code::definition}, Error{Code::scene} where every band is bad.
ModelCard card_for(const Training& training, const std::optional<ModelCard>& start, const SceneInfo& scene);

/// The scene's usable bands become the card's; they are found as the definition says, else by wavelength
/// where every band has one, by distinct names, or by position. Throws Error{Code::scene} where every band is
/// bad.
void take_bands(const Training& training, const SceneInfo& scene, ModelCard& card);

/// Takes a last step `whiten: {from: training}` off the card and gives its shrinkage. Throws
/// Error{Code::definition} naming the line where it is not the last step or says anything else.
std::optional<double> take_whitening(ModelCard& card);

/// Adds preparation, bands and matching, for a fingerprint.
void add_preparation(const ModelCard& card, nlohmann::ordered_json& said);

}  // namespace spectile::training
