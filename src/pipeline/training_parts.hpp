#pragma once

#include "pipeline/rule.hpp"
#include "pipeline/value.hpp"
#include "spectile/training.hpp"

/// The parts of a training definition that have a file of their own: what a split may say, and reading it.
namespace spectile::definition {

RulePtr split_rule();

/// Of a recipe: what SpectralGPT alone is trained by. Without defaults, since these follow from the task.
std::vector<Key> fine_tuning_keys();

/// Throws Error{document.code} with the line: squares named twice, shares that leave nothing to train on,
/// keys that do not belong to this kind of split, which is the `usual` one where `map` names none.
SplitDefinition read_split(const Document& document, const Value* map, const std::string& usual = "tiles");

/// For the canonical form.
nlohmann::json split_json(const SplitDefinition& split);

RulePtr patches_rule();

/// Nothing where `root` has no part `patches`. Throws Error{document.code} with the line: keys of the
/// definition that belong to a training on scenes.
std::optional<LabelledPatches> read_patches(const Document& document, const std::string& folder);

/// The split of a training on patches, by the index's own roles unless it says otherwise. Throws
/// Error{document.code} with the line for squares, folds and counts of pixels.
SplitDefinition read_patch_split(const Document& document, const Value* map);

/// For the canonical form.
nlohmann::json patches_json(const LabelledPatches& patches);

RulePtr pretraining_rule();

/// Nothing where `root` has no part `pretraining`. Throws Error{document.code} with the line: stages that
/// cannot be, keys of the definition that belong to a training with labels.
std::optional<PretrainingDefinition> read_pretraining(const Document& document, const std::string& folder);

/// For the canonical form.
nlohmann::json pretraining_json(const PretrainingDefinition& pretraining);

}  // namespace spectile::definition
