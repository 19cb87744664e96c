#pragma once

#include <string>
#include <vector>

#include "spectile/scene.hpp"
#include "spectile/step.hpp"

namespace spectile::prepare {

/// A published recipe under one short name, of steps that stand here too.
struct PresetEntry {
    std::string name;
    std::string summary;
};

/// The presets that `- preset: NAME` knows.
const std::vector<PresetEntry>& preset_entries();

/// The steps that `preset: {name: NAME}` stands for, where `bands` enter; any other step stands for itself.
///
/// Bands with Sentinel-2's names (B1 or B01, in either case) are brought into the network's order and get the
/// numbers of their names, those of two dates each for itself; bands without names are taken in that order.
/// Source   "SpectralGPT: Spectral Remote Sensing Foundation Model", TPAMI 2024, and its published loaders.
/// Throws Error{Code::definition} for an unknown preset, a name that is no such band, and a wrong number of
/// bands.
std::vector<StepDefinition> expand_preset(const StepDefinition& definition,
                                          const std::vector<BandInfo>& bands);

}  // namespace spectile::prepare
