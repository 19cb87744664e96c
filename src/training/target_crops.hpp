#pragma once

#include <span>

#include "training/random.hpp"
#include "training/target_images.hpp"
#include "training/target_recipe.hpp"

namespace spectile::training {

/// Cuts a square of `side` pixels out of an image and changes it as the recipe says. Where the image is
/// smaller it goes on mirrored, truth and all.
///
/// pixels, truth: [side, side]. Everything random comes out of `random`.
void cut_crop(const TargetImage& image, int side, const TargetRecipe& recipe, Random random,
              std::span<float> pixels, std::span<float> truth);

/// The place that position `at` outside [0, size) mirrors; the edge itself is not repeated.
std::int64_t mirrored(std::int64_t at, std::int64_t size);

}  // namespace spectile::training
