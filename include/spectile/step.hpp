#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "spectile/scene.hpp"

namespace spectile {

/// Where in a definition something was said, for messages.
struct Mark {
    std::string file;
    int line = 0;  ///< From 1; 0 where unknown.
};

/// A preparation step as written in a model card or a pipeline.
struct StepDefinition {
    std::string name;
    std::string parameters = "{}";  ///< JSON object.
    std::string base;               ///< Folder that file names in `parameters` are relative to.
    Mark mark;
};

/// What a step needs to know of the whole scene before the first tile, at its place in the chain.
enum class Needs { nothing, moments, histogram };

/// Figures of one band over all valid pixels of the scene, as seen at one place in the chain.
struct BandStatistics {
    std::uint64_t count = 0;
    double mean = 0, standard_deviation = 0;  ///< Population standard deviation (divided by count).
    double minimum = 0, maximum = 0;
    std::vector<std::uint64_t> histogram;  ///< Equal bins over [minimum, maximum]; kHistogramBins of them.
};
inline constexpr int kHistogramBins = 4096;

/// One preparation step: a small pure function on a cube. Const and shared by all workers.
class Step {
public:
    virtual ~Step() = default;
    /// The bands that leave the step, given those that enter. Called once, before anything is read.
    /// Throws Error{Code::definition} naming the step, its file and line where the parameters do not fit the
    /// bands.
    virtual std::vector<BandInfo> bind(std::vector<BandInfo> bands) { return bands; }
    virtual Needs needs() const { return Needs::nothing; }
    /// Hands over whole-scene statistics of the bands that enter, where `needs()` asked for them.
    virtual void set_statistics(const std::vector<BandStatistics>&) {}
    /// Changes the cube in place. Pixels that are not valid may get any finite value.
    virtual void apply(Cube& cube) const = 0;
    /// One line for the plan, with the numbers in use; part of the recipe.
    virtual std::string describe() const = 0;
};

/// One parameter of a step, declared once for parsing, messages, help and schema.
struct StepKey {
    std::string name;
    std::string doc;
    std::string fallback;  ///< Default as JSON text; empty where there is none.
};

/// A registered step.
struct StepEntry {
    std::string name;
    std::string summary;
    std::function<std::unique_ptr<Step>(const StepDefinition&)> make;
    std::vector<StepKey> keys = {};
    std::string example =
        "{}";  ///< Parameters (JSON) that suit any scene of five or more bands with wavelengths.
};

}  // namespace spectile
