#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

// Training with products in half precision: the forward pass runs under LibTorch's autocast; losses, weights,
// sums of gradients and the optimiser stay float32.
//
// Source   Micikevicius et al., "Mixed Precision Training", 2018, section 3.

namespace spectile::training {

/// What one batch is worked out with.
struct Arithmetic {
    at::ScalarType type = at::kFloat;  ///< Of products and what they leave.
    double loss_scale = 1;             ///< Losses are multiplied with it before they are differentiated.

    /// The loss that is differentiated.
    at::Tensor scaled(const at::Tensor& loss) const { return loss_scale == 1 ? loss : loss * loss_scale; }
};

/// float32, bfloat16 or float16 by name.
at::ScalarType type_of_precision(const std::string& precision);

/// Throws Error{Code::definition} naming `file` and `key` where the device does not train in this precision.
void check_precision(const std::string& precision, at::Device device, const std::string& file,
                     const std::string& key = "recipe.precision");

/// LibTorch's autocast to `type` for what this thread works out on a kind of device, as long as it lives;
/// nothing for float32. Only for a forward pass. Weights are cast anew each time: a stored cast would outlast
/// the step that changes them, and be shared by threads.
class Autocast {
public:
    Autocast(at::Device device, at::ScalarType type);
    ~Autocast();
    Autocast(const Autocast&) = delete;
    Autocast& operator=(const Autocast&) = delete;

private:
    at::Device device_;
    at::ScalarType type_;
    bool cached_;
};

/// The scale of a loss in float16, whose small gradients would vanish: doubled after 2000 steps with finite
/// gradients, halved, and the step left out, where they are not. 1 for other types.
///
/// Plain data, so that a checkpoint holds it and a training that goes on takes the same steps.
struct LossScale {
    static constexpr double kFirst = 65536;
    static constexpr int kGoodSteps = 2000;

    bool moves = false;
    double value = 1;
    int good_steps = 0;  ///< Since it last moved.

    static LossScale for_type(at::ScalarType type);
    /// Takes the scale out of the gradients and moves it.
    /// What is to become of the step: taken; left_out, since a gradient or the loss is not finite; or
    /// hopeless, since they are not without a scale either.
    enum class Step { taken, left_out, hopeless };
    Step unscale(double loss, const std::vector<at::Tensor>& gradients);
};

}  // namespace spectile::training
