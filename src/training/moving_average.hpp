#pragma once

#include <vector>

#include "training/checkpoint.hpp"

namespace spectile::training {

/// A running average of a network's weights, where they lie. Its decay grows with the steps taken, so that
/// the initial weights are soon forgotten.
class MovingAverage {
public:
    enum class Buffers { copied, averaged };  ///< What becomes of running statistics.

    MovingAverage(std::vector<networks::NamedTensor> tensors, Buffers buffers)
        : tensors_(std::move(tensors)), buffers_(buffers) {}

    /// From `stored`, or from the weights as they are where that is empty. Without it there is no average.
    void start(const Weights& stored);
    bool is_on() const { return !average_.empty(); }
    void add_step(double decay, std::int64_t steps);
    /// Empty where it is off.
    Weights values() const;

    /// Puts the average in the network's place as long as it lives; nothing where it is off.
    class InPlace {
    public:
        explicit InPlace(const MovingAverage& average);
        ~InPlace();
        InPlace(const InPlace&) = delete;
        InPlace& operator=(const InPlace&) = delete;

    private:
        const MovingAverage& average_;
        std::vector<at::Tensor> weights_;
    };

private:
    void put(const std::vector<at::Tensor>& values) const;

    std::vector<networks::NamedTensor> tensors_;
    Buffers buffers_;
    std::vector<at::Tensor> average_;
};

}  // namespace spectile::training
