#include "models/selftest.hpp"

#include <algorithm>
#include <cmath>

#include "core/serially.hpp"
#include "spectile/error.hpp"
#include "weights/safetensors.hpp"

namespace spectile {
namespace {

using weights::SafeTensors;
using weights::TensorView;

const TensorView& cube_tensor(const SafeTensors& file, const std::string& key) {
    const auto& view = file.at(key);
    if (view.shape.size() != 3 || view.elements() == 0)
        throw Error(Code::model, file.name() + ": " + key + ": must have three axes, not " +
                                     weights::shape_text(view.shape));
    return view;
}

Cube input_cube(const SafeTensors& file) {
    const auto& view = cube_tensor(file, "input");
    Cube cube;
    cube.reset({0, 0, view.shape[2], view.shape[1]}, static_cast<int>(view.shape[0]));
    cube.values = weights::to_floats(view);
    std::fill(cube.valid.begin(), cube.valid.end(), std::uint8_t{1});
    return cube;
}

float tolerance_of(const SafeTensors& file) {
    const auto values = weights::to_floats(file.at("tolerance"));
    if (values.size() != 1 || !(values[0] >= 0))
        throw Error(Code::model, file.name() + ": tolerance: must be one number, not negative");
    return values[0];
}

}  // namespace

void run_selftest(const ModelCard& card, const Model& model) {
    // The stored output is float32's.
    if (card.selftest.empty() || card.precision != Precision::float32) return;
    const auto file = SafeTensors::open(card.selftest);
    const Cube cube = input_cube(file);
    const auto& expected = cube_tensor(file, "output");
    const float tolerance = tolerance_of(file);
    Prediction got;
    model.start()->predict({&cube, 1}, {&got, 1}, serially);
    const std::vector<std::int64_t> shape = {got.channels, got.window.height, got.window.width};
    if (shape != expected.shape)
        throw Error(Code::verification, card.selftest + ": the model gives " + weights::shape_text(shape) +
                                            ", expected " + weights::shape_text(expected.shape));
    const auto values = weights::to_floats(expected);
    float worst = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const float difference = std::abs(got.values[i] - values[i]);
        if (std::isnan(difference) || difference > worst) worst = difference;
        if (std::isnan(worst)) break;  // Nothing is worse, and no comparison would hold it.
    }
    if (!(worst <= tolerance))
        throw Error(Code::verification,
                    card.selftest + ": the model's output differs from the stored one by " +
                        std::to_string(worst) + ", allowed are " + std::to_string(tolerance) +
                        "; the model folder or this machine's arithmetic is at fault");
}

}  // namespace spectile
