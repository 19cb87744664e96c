#pragma once

#include "pipeline/rule.hpp"

/// Forms that more than one kind of definition uses.
namespace spectile::definition {

/// A scene: name, map, {before, after}, or list of stacked rasters.
RulePtr scene_rule();
/// The keys of a scene's map besides where it lies.
std::vector<Key> scene_reading_keys();
RulePtr area_rule();
/// `NAME=VALUE` texts, or a map of them.
RulePtr options_rule(const std::string& whose);
RulePtr steps_rule();
RulePtr classes_rule();
RulePtr matching_rule();
/// A number, or nan.
RulePtr nodata_rule();

}  // namespace spectile::definition
