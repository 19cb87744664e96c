#pragma once

#include <cstddef>
#include <cstdint>

#include "training/gradients.hpp"
#include "training/mixed_precision.hpp"

namespace spectile::training {

/// How a network stands on the validation samples.
struct Validation {
    double overall = 0, average = 0;  ///< For the curve.
    double score = 0;                 ///< What the best epoch is chosen by.
};

/// What a network is fitted to, as the loop over epochs (fit.hpp) sees it: samples in an order that each
/// epoch draws, the loss of a batch with its gradients, and a judgement. Everything is a function of the
/// seed, the epoch and the sample.
class Lessons {
public:
    virtual ~Lessons() = default;

    /// Samples shown in each epoch.
    virtual std::size_t samples() const = 0;
    /// Draws the order of an epoch, from 1.
    virtual void begin(int epoch) = 0;
    /// Loss and gradients, in the order of the network's trainable tensors and on their device, of the
    /// samples [first, first + count) of that order. The gradients are those of the scaled loss.
    virtual BatchResult learn(std::size_t first, std::size_t count, const Arithmetic& arithmetic) = 0;

    /// Whether there are validation samples at all, and whether they are judged after this epoch.
    virtual bool validates() const = 0;
    virtual bool due(int /*epoch*/) const { return true; }
    virtual Validation validate() = 0;
};

}  // namespace spectile::training
