#pragma once

#include <vector>

#include "spectile/step.hpp"
#include "training/dataset.hpp"

namespace spectile::training {

/// A linear map of spectra after which the bands scatter alike and independently within the classes:
/// (spectrum - mean) times `components`, a symmetric matrix, so that component k still belongs to band k.
struct Whitening {
    std::vector<double> mean;                     ///< Of the training samples, by band.
    std::vector<std::vector<double>> components;  ///< [bands][bands]
};

/// Fits it to the centre pixels of the training samples: the inverse square root of the covariance within the
/// classes, shrunk towards a multiple of the identity, scaled so that the samples have deviation 1 on average
/// over the bands.
///
/// What linear discriminant analysis does before it takes the nearest mean; a network that begins here need
/// not learn which differences between neighbouring bands are noise.
///
/// Source   Kessy, Lewin and Strimmer, "Optimal whitening and decorrelation", The American Statistician
///          72, 2018 (ZCA); shrinkage: Friedman, "Regularized discriminant analysis", JASA 84, 1989,
///          equation 18.
Whitening fit_whitening(const Dataset& data, double shrinkage);

/// The `whiten` step that does it, as a card holds it.
StepDefinition step_of(const Whitening& whitening);

/// The dataset with every measured spectrum whitened by that very step. Pixels without measurement stay 0.
Dataset whitened(const Dataset& data, const Whitening& whitening);

}  // namespace spectile::training
