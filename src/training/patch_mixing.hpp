#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "training/gpt_recipe.hpp"
#include "training/random.hpp"

namespace spectile::training {

/// How the patches of one batch are mixed with those of the batch in reverse order.
struct Mixing {
    double share = 1;    ///< Of a patch itself in its target; 1 = nothing is mixed.
    bool boxed = false;  ///< A box of the other is set in; else both are blended.
    std::int64_t x = 0, y = 0, width = 0, height = 0;  ///< The box.
};

/// Draws it for patches of `side` pixels. The share of a box is what it really leaves, since boxes are cut
/// off at the edge.
///
/// Source   Zhang et al., "mixup: Beyond Empirical Risk Minimization", 2018, equation 2; Yun et al.,
///          "CutMix", 2019, equations 1 and 2; one draw for a batch, as in the published training.
Mixing draw_mixing(const GptRecipe& recipe, int side, Random& random);

/// Values of a patch and its partner, [bands, side, side].
at::Tensor mixed(const at::Tensor& patch, const at::Tensor& partner, const Mixing& mixing);

/// A target of one class, [classes], of which `smoothing` is spread over all of them.
std::vector<float> smoothed_target(int target, std::size_t classes, double smoothing);

/// A number of Beta(alpha, alpha), alpha > 0.
///
/// Source   Marsaglia and Tsang, "A simple method for generating gamma variables", 2000, with their boost for
///          shapes below 1.
double draw_beta(double alpha, Random& random);

}  // namespace spectile::training
