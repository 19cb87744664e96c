#pragma once

#include "models/networks/spectral_gpt/network.hpp"
#include "training/gpt_recipe.hpp"
#include "training/lessons.hpp"
#include "training/patch_source.hpp"

namespace spectile::training {

/// What a network that labels whole images is fitted to.
struct PatchCourse {
    PatchSource& source;
    const GptRecipe& recipe;
    std::uint64_t seed = 1;
    ParallelFor parallel;
};

/// Random views of labelled patches, mirrored and turned: soft-target cross entropy with mixed patches where
/// classes exclude each other, else the logistic loss of each class.
///
/// Source   models/spectralgpt.md 6.1.
class PatchLessons final : public Lessons {
public:
    /// All that `course` refers to must outlive it.
    PatchLessons(networks::SpectralGpt& network, PatchCourse course);

    std::size_t samples() const override { return training_.size(); }
    void begin(int epoch) override;
    BatchResult learn(std::size_t first, std::size_t count, const Arithmetic& arithmetic) override;
    bool validates() const override { return validates_; }
    bool due(int epoch) const override { return epoch % course_.recipe.validate_every == 0; }
    Validation validate() override;

private:
    std::vector<at::Tensor> show(std::size_t first, std::size_t count);
    at::Tensor show_one(const Cube& patch, std::size_t place) const;
    at::Tensor target_of(std::size_t place, std::size_t partner, double share) const;
    struct Shown {
        at::Tensor values, target;
        std::size_t place = 0;
    };
    at::Tensor forward(const Shown& shown, const Arithmetic& arithmetic) const;
    BatchResult learn_one(const Shown& shown, const Arithmetic& arithmetic) const;

    networks::SpectralGpt& network_;
    PatchCourse course_;
    const PatchList& list_;
    std::vector<networks::NamedTensor> parameters_;
    std::vector<std::size_t> training_, order_;
    bool validates_ = false;
    int epoch_ = 0;
};

}  // namespace spectile::training
