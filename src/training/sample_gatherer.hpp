#pragma once

#include <map>
#include <string>
#include <vector>

#include "raster/labels.hpp"
#include "spectile/cube.hpp"
#include "spectile/training.hpp"
#include "training/split.hpp"

namespace spectile::training {

/// Gathers the labelled, valid pixels of strips of one scene, from the labels' file and, where there are
/// such, from those for validation and test. Belongs to one thread.
class SampleGatherer {
public:
    /// `index`: of the scene. Throws as LabelReader does.
    SampleGatherer(const Training& training, const Grid& grid, int index);

    /// Adds the samples of a prepared strip. Throws Error{Code::scene} for a value that is no class, and for
    /// a pixel that two files label.
    void gather(const Cube& strip, std::vector<Sample>& samples);
    /// Labelled pixels without a measurement so far; they are left out.
    std::int64_t without_measurement() const { return without_measurement_; }

private:
    struct Source {
        LabelDefinition definition;
        Role role;
        LabelReader reader;
    };
    void add_source(const Training& training, const Grid& grid, const std::string& path, Role role);

    int index_;
    std::vector<Source> sources_;
    std::map<int, int> targets_;  ///< Position in the list of classes by value; -1: left out.
    std::int64_t without_measurement_ = 0;
};

}  // namespace spectile::training
