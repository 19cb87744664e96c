#include "models/flips.hpp"

#include <algorithm>
#include <utility>

namespace spectile {
namespace {

/// Planes [count, rows, cols], one behind the other.
template <typename T>
struct Planes {
    T* values;
    std::int64_t count, rows, cols;
};

template <typename T>
void flip_left_right(const Planes<T>& planes) {
    for (std::int64_t row = 0; row < planes.count * planes.rows; ++row)
        std::reverse(planes.values + row * planes.cols, planes.values + (row + 1) * planes.cols);
}

template <typename T>
void flip_top_bottom(const Planes<T>& planes) {
    for (std::int64_t plane = 0; plane < planes.count; ++plane) {
        T* top = planes.values + plane * planes.rows * planes.cols;
        T* bottom = top + (planes.rows - 1) * planes.cols;
        for (; top < bottom; top += planes.cols, bottom -= planes.cols)
            std::swap_ranges(top, top + planes.cols, bottom);
    }
}

Planes<float> planes_of(Cube& cube) { return {cube.values.data(), cube.bands, cube.rows(), cube.cols()}; }

Planes<float> planes_of(Prediction& prediction) {
    return {prediction.values.data(), prediction.channels, prediction.window.height, prediction.window.width};
}

Planes<std::uint8_t> mask_of(Cube& cube) { return {cube.valid.data(), 1, cube.rows(), cube.cols()}; }

class FlippingRunner final : public Runner {
public:
    explicit FlippingRunner(std::unique_ptr<Runner> runner) : runner_(std::move(runner)) {}

    void predict(std::span<const Cube> in, std::span<Prediction> out, const ParallelFor& parallel) override {
        for (std::size_t i = 0; i < in.size(); ++i) predict_one(in[i], out[i], parallel);
    }

private:
    void predict_one(const Cube& cube, Prediction& out, const ParallelFor& parallel) {
        runner_->predict({&cube, 1}, {&out, 1}, parallel);
        flipped_ = cube;
        flip_left_right(planes_of(flipped_));
        flip_left_right(mask_of(flipped_));
        add({.left_right = true, .top_bottom = false}, out, parallel);
        flip_top_bottom(planes_of(flipped_));
        flip_top_bottom(mask_of(flipped_));
        add({.left_right = true, .top_bottom = true}, out, parallel);
        flip_left_right(planes_of(flipped_));
        flip_left_right(mask_of(flipped_));
        add({.left_right = false, .top_bottom = true}, out, parallel);
        for (auto& value : out.values) value *= 1.0F / kFlips;
    }

    struct Way {
        bool left_right, top_bottom;
    };

    /// Adds what the model says of the cube, which lies flipped this way, to `sum`.
    void add(const Way& way, Prediction& sum, const ParallelFor& parallel) {
        runner_->predict({&flipped_, 1}, {&said_, 1}, parallel);
        if (way.left_right) flip_left_right(planes_of(said_));
        if (way.top_bottom) flip_top_bottom(planes_of(said_));
        std::transform(sum.values.begin(), sum.values.end(), said_.values.begin(), sum.values.begin(),
                       [](float a, float b) { return a + b; });
    }

    std::unique_ptr<Runner> runner_;
    Cube flipped_;
    Prediction said_;
};

class FlippingModel final : public Model {
public:
    explicit FlippingModel(std::unique_ptr<Model> model) : model_(std::move(model)) {}
    std::unique_ptr<Runner> start() const override {
        return std::make_unique<FlippingRunner>(model_->start());
    }

private:
    std::unique_ptr<Model> model_;
};

}  // namespace

std::unique_ptr<Model> over_flips(std::unique_ptr<Model> model) {
    return std::make_unique<FlippingModel>(std::move(model));
}

}  // namespace spectile
