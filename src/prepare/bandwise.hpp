#pragma once

#include <span>
#include <vector>

#include "spectile/step.hpp"

namespace spectile::prepare {

/// A step that changes each value by its band alone. Such steps commute with the choice of bands, and a chain
/// runs neighbours of them over one piece of a band after the other while it is in cache.
class BandwiseStep : public Step {
public:
    /// Changes values of one band in place. NaN stays NaN.
    virtual void apply_band(int band, std::span<float> values) const = 0;
    void apply(Cube& cube) const final;
};

/// Runs neighbouring steps in one pass over the cube. Returns whether any value left is not finite.
bool apply_bandwise(std::span<const BandwiseStep* const> steps, Cube& cube);

/// Whether NaN or an infinity is among the values.
bool any_not_finite(std::span<const float> values);

}  // namespace spectile::prepare
