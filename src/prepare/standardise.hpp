#pragma once

#include "prepare/bandwise.hpp"

namespace spectile::prepare {

/// (value - mean) / std per band; a std of 0 counts as 1.
class Standardise : public BandwiseStep {
public:
    explicit Standardise(const StepDefinition& definition);

    std::vector<BandInfo> bind(std::vector<BandInfo> bands) override;
    Needs needs() const override { return from_scene_ ? Needs::moments : Needs::nothing; }
    void set_statistics(const std::vector<BandStatistics>& bands) override;
    void apply_band(int band, std::span<float> values) const override;
    std::string describe() const override;

    bool from_scene() const { return from_scene_; }
    /// Per band once bound; empty before whole-scene statistics are there.
    const std::vector<double>& mean() const { return mean_; }
    const std::vector<double>& standard_deviation() const { return std_; }

private:
    std::string place_;
    bool from_scene_ = false;
    std::vector<double> mean_, std_;
};

}  // namespace spectile::prepare
