#pragma once

#include "models/networks/spectral_gpt/network.hpp"
#include "training/crop_ground.hpp"
#include "training/gpt_recipe.hpp"
#include "training/lessons.hpp"
#include "training/scene_judge.hpp"

namespace spectile::training {

/// What a network that labels every pixel of a window is fitted to.
struct CropCourse {
    const Dataset& data;
    const CropGround& ground;
    const GptRecipe& recipe;
    Windows windows;  ///< For validation.
    std::uint64_t seed = 1;
    ParallelFor parallel;
};

/// Crops of the training ground, turned and flipped, for segmentation and change: cross entropy of the
/// training pixels, validated on whole scenes.
class CropLessons final : public Lessons {
public:
    /// All that `course` refers to must outlive it.
    CropLessons(networks::SpectralGpt& network, CropCourse course);

    std::size_t samples() const override;
    void begin(int epoch) override { epoch_ = epoch; }
    BatchResult learn(std::size_t first, std::size_t count, const Arithmetic& arithmetic) override;
    bool validates() const override { return validates_; }
    bool due(int epoch) const override { return epoch % course_.recipe.validate_every == 0; }
    Validation validate() override;

private:
    struct Crop;
    void show(std::size_t index, Crop& crop) const;
    std::size_t pick(Random& random) const;
    at::Tensor forward(const Crop& crop, const Arithmetic& arithmetic) const;
    BatchResult learn_crop(const Crop& crop, double batch_weight, const Arithmetic& arithmetic) const;

    networks::SpectralGpt& network_;
    CropCourse course_;
    std::vector<networks::NamedTensor> parameters_;
    std::vector<double> class_weights_;
    std::vector<std::vector<std::size_t>> members_;  ///< Training samples of each class.
    std::vector<double> class_shares_;               ///< How often a crop is drawn around each class.
    bool validates_ = false;
    int epoch_ = 0;
};

}  // namespace spectile::training
