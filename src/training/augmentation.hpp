#pragma once

#include <span>
#include <vector>

#include "training/random.hpp"
#include "training/recipe.hpp"

namespace spectile::training {

/// Changes one patch [bands, side, side] in place, drawing from `random`.
///
/// `dark` holds what preparation makes of a zero measurement, band by band: where preparation is affine,
/// moving away from it is the same as making the scene brighter before preparation. Order: turns and flips,
/// brightness, offset, noise, spectral dropout.
void augment(const Augmentation& augmentation, std::span<float> patch, int side, std::span<const float> dark,
             Random& random);

/// The symmetry that flips and turns draw: bit 0 transposes, bit 1 mirrors left to right, bit 2 top to
/// bottom.
unsigned draw_symmetry(const Augmentation& augmentation, Random& random);

/// Applies one to every plane of a patch [planes, side, side].
void apply_symmetry(unsigned symmetry, std::span<float> patch, int side);

/// patch = share * patch + (1 - share) * other.
void mix(std::span<float> patch, std::span<const float> other, float share);

}  // namespace spectile::training
