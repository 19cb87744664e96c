#pragma once

#include <vector>

#include "spectile/step.hpp"

namespace spectile::prepare {

/// A step that only chooses among the bands that enter. Where it stands before all others, the chain reads
/// the chosen bands alone.
class Selection : public Step {
public:
    /// The chosen bands (from 0, in order), given those that enter.
    virtual std::vector<int> choose(const std::vector<BandInfo>& bands) const = 0;

    std::vector<BandInfo> bind(std::vector<BandInfo> bands) final;
    void apply(Cube& cube) const final;
    const std::vector<int>& chosen() const { return chosen_; }

private:
    std::vector<int> chosen_;
};

}  // namespace spectile::prepare
