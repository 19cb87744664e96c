#include <ATen/ops/linear.h>
#include <ATen/ops/zeros.h>

#include "models/entries/parameters.hpp"
#include "models/native/softmax.hpp"
#include "models/native/validity.hpp"
#include "models/networks/device.hpp"
#include "models/networks/registry.hpp"
#include "models/networks/weight_files.hpp"

namespace spectile::networks {
namespace {

/// For training: named tensors and a forward pass on LibTorch's tensors.
class LinearSpectra final : public Network {
public:
    LinearSpectra(int bands, int classes)
        : weight_(at::zeros({classes, bands})), bias_(at::zeros({classes})) {
        weight_.set_requires_grad(true);
        bias_.set_requires_grad(true);
    }
    at::Tensor forward(const at::Tensor& x, const Observer&) override {
        return at::linear(x.flatten(1), weight_, bias_);
    }
    int window() const override { return 1; }
    std::vector<NamedTensor> tensors() override {
        return {{"weight", weight_}, {"bias", bias_, /*decay=*/false}};
    }

private:
    at::Tensor weight_, bias_;
};

/// For whole scenes: the weights as plain numbers, shared by all workers.
struct Weights {
    int bands = 0, classes = 0;
    std::vector<float> weight, bias;
};

class LinearRunner final : public Runner {
public:
    explicit LinearRunner(std::shared_ptr<const Weights> weights) : weights_(std::move(weights)) {}

    void predict(std::span<const Cube> in, std::span<Prediction> out, const ParallelFor& parallel) override {
        for (std::size_t i = 0; i < in.size(); ++i) {
            out[i].reset(in[i].window, weights_->classes);
            native::copy_valid(in[i], out[i]);
            parallel(in[i].rows(), [&](std::int64_t row) { predict_row(in[i].values, row, out[i]); });
        }
    }

private:
    void predict_row(std::span<const float> values, std::int64_t row, Prediction& out) const {
        const std::int64_t cols = out.window.width, begin = row * cols;
        for (int c = 0; c < weights_->classes; ++c) {
            float* logits = out.channel(c).data() + begin;
            std::fill_n(logits, cols, weights_->bias[c]);
            for (int b = 0; b < weights_->bands; ++b) {
                const float w = weights_->weight[static_cast<std::size_t>(c) * weights_->bands + b];
                const float* x = values.data() + static_cast<std::size_t>(b) * out.pixels() + begin;
                for (std::int64_t col = 0; col < cols; ++col) logits[col] += w * x[col];
            }
        }
        native::softmax(out.values, weights_->classes, begin, begin + cols);
    }

    std::shared_ptr<const Weights> weights_;
};

class LinearModel final : public Model {
public:
    explicit LinearModel(Weights weights) : weights_(std::make_shared<const Weights>(std::move(weights))) {}
    std::unique_ptr<Runner> start() const override { return std::make_unique<LinearRunner>(weights_); }

private:
    std::shared_ptr<const Weights> weights_;
};

std::unique_ptr<Network> make(const std::string& text,
                              std::uint64_t /*seed: a linear layer starts from zero*/) {
    const entries::Parameters parameters(text, "linear_spectra", {"bands", "classes"});
    return std::make_unique<LinearSpectra>(parameters.whole("bands", 0, 1, 100000),
                                           parameters.whole("classes", 0, 2, 1000));
}

std::unique_ptr<Model> load(const ModelCard& card, const std::string& device) {
    require_cpu(device);
    const auto file = weights::SafeTensors::parse(read_verified(card), card.weights);
    const int bands = static_cast<int>(card.bands.size()), classes = static_cast<int>(card.classes.size());
    require_weights(file, {{"weight", {classes, bands}}, {"bias", {classes}}});
    return std::make_unique<LinearModel>(
        Weights{bands, classes, weights::to_floats(file.at("weight")), weights::to_floats(file.at("bias"))});
}

}  // namespace

NetworkEntry linear_spectra() { return {.name = "linear_spectra", .make = make, .load = load}; }

}  // namespace spectile::networks
