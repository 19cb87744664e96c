#include "models/flips.hpp"

#include <algorithm>
#include <utility>
#include <vector>

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

struct Way {
    bool left_right, top_bottom;
};

class FlippingRunner final : public Runner {
public:
    explicit FlippingRunner(std::unique_ptr<Runner> runner) : runner_(std::move(runner)) {}

    void predict(std::span<const Cube> in, std::span<Prediction> out, const ParallelFor& parallel) override {
        runner_->predict(in, out, parallel);
        flipped_.assign(in.begin(), in.end());
        said_.resize(in.size());
        for (auto& cube : flipped_) flip_cube(cube, flip_left_right<float>, flip_left_right<std::uint8_t>);
        add({.left_right = true, .top_bottom = false}, out, parallel);
        for (auto& cube : flipped_) flip_cube(cube, flip_top_bottom<float>, flip_top_bottom<std::uint8_t>);
        add({.left_right = true, .top_bottom = true}, out, parallel);
        for (auto& cube : flipped_) flip_cube(cube, flip_left_right<float>, flip_left_right<std::uint8_t>);
        add({.left_right = false, .top_bottom = true}, out, parallel);
        for (std::size_t i = 0; i < in.size(); ++i)
            if (taken(in[i]))
                for (auto& value : out[i].values) value *= 1.0F / kFlips;
    }

private:
    /// False: a place of a batch that nobody took.
    static bool taken(const Cube& cube) { return !cube.values.empty(); }

    static void flip_cube(Cube& cube, void (*flip)(const Planes<float>&),
                          void (*flip_mask)(const Planes<std::uint8_t>&)) {
        if (!taken(cube)) return;
        flip(planes_of(cube));
        flip_mask(mask_of(cube));
    }

    /// Adds what the model says of the cubes, which lie flipped this way, to `sums`.
    void add(const Way& way, std::span<Prediction> sums, const ParallelFor& parallel) {
        runner_->predict(flipped_, said_, parallel);
        for (std::size_t i = 0; i < flipped_.size(); ++i) {
            if (!taken(flipped_[i])) continue;
            if (way.left_right) flip_left_right(planes_of(said_[i]));
            if (way.top_bottom) flip_top_bottom(planes_of(said_[i]));
            auto& sum = sums[i].values;
            std::transform(sum.begin(), sum.end(), said_[i].values.begin(), sum.begin(),
                           [](float a, float b) { return a + b; });
        }
    }

    std::unique_ptr<Runner> runner_;
    std::vector<Cube> flipped_;
    std::vector<Prediction> said_;
};

class FlippingModel final : public Model {
public:
    explicit FlippingModel(std::unique_ptr<Model> model) : model_(std::move(model)) {}
    std::unique_ptr<Runner> start() const override {
        return std::make_unique<FlippingRunner>(model_->start());
    }
    int batch(std::int64_t pixels, int most) const override { return model_->batch(pixels, most); }

private:
    std::unique_ptr<Model> model_;
};

}  // namespace

std::unique_ptr<Model> over_flips(std::unique_ptr<Model> model) {
    return std::make_unique<FlippingModel>(std::move(model));
}

}  // namespace spectile
