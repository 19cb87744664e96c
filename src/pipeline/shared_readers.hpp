#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline/known_names.hpp"
#include "pipeline/value.hpp"
#include "spectile/pipeline.hpp"

/// From checked values to the plain structs, for what more than one kind of definition holds. What a form
/// cannot say (exactly one of three keys, lists of one length) is checked here. All throw
/// Error{document.code} with line.
namespace spectile::definition {

SceneDefinition read_scene(const Document& document, const Value& value, const std::string& folder);
/// What a scene's map says of reading, into `scene`; keys that are absent change nothing.
void read_scene_keys(const Document& document, const Value& map, const std::string& folder,
                     SceneDefinition& scene);
AreaOfInterest read_area(const Document& document, const Value& value, const std::string& folder);
std::vector<std::string> read_options(const Document& document, const Value& value);
std::vector<StepDefinition> read_steps(const Document& document, const Value* list, const std::string& folder,
                                       const KnownNames& known);
/// The definition's architecture, one of those known.
std::string read_architecture(const Document& document, const KnownNames& known);
/// Distinct values, none equal to `nodata`; colours from a fixed palette where none is given.
std::vector<ClassInfo> read_classes(const Document& document, const Value* list, int nodata);
/// `by` falls back to what all of `bands` have.
BandMatching read_matching(const Document& document, const Value* map, const std::vector<ModelBand>& bands);

std::string text_or(const Value& map, const char* key, const std::string& fallback = {});
int whole_or(const Value& map, const char* key, int fallback);
std::optional<double> number_at(const Value& map, const char* key);
std::string json_text_or(const Value& map, const char* key, const char* fallback = "{}");

/// "#1f77b4".
std::string color_text(const std::array<std::uint8_t, 3>& color);

}  // namespace spectile::definition
