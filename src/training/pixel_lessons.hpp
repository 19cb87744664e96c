#pragma once

#include <vector>

#include "training/batch.hpp"
#include "training/dataset.hpp"
#include "training/lessons.hpp"

namespace spectile::training {

/// Patches around labelled pixels, for networks that give a patch one class.
class PixelLessons final : public Lessons {
public:
    /// All of them must outlive it.
    PixelLessons(networks::Network& network, const Dataset& dataset, const Recipe& recipe, std::uint64_t seed,
                 const ParallelFor& parallel);

    std::size_t samples() const override { return samples_; }
    void begin(int epoch) override;
    BatchResult learn(std::size_t first, std::size_t count, const Arithmetic& arithmetic) override;
    bool validates() const override { return validates_; }
    Validation validate() override;

private:
    BatchContext context_;
    std::size_t samples_ = 0;
    bool validates_ = false;
    int epoch_ = 0;
    std::vector<std::size_t> order_;
};

}  // namespace spectile::training
