#pragma once

#include "prepare/match_bands.hpp"
#include "spectile/step.hpp"

namespace spectile::prepare {

/// A finished match as a step of the chain: the bands that enter are the ones that were matched against.
class MatchStep : public Step {
public:
    explicit MatchStep(BandMatch match) : match_(std::move(match)), sources_(match_.sources()) {}

    std::vector<BandInfo> bind(std::vector<BandInfo> bands) override;
    void apply(Cube& cube) const override;
    std::string describe() const override;

private:
    BandMatch match_;
    std::vector<int> sources_;
};

}  // namespace spectile::prepare
