#include "models/networks/spectral_gpt/tile_model.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/softmax.h>

#include "kernels/activations.hpp"
#include "kernels/softmax.hpp"
#include "models/native/validity.hpp"
#include "models/networks/spectral_gpt/packed_network.hpp"
#include "spectile/error.hpp"

namespace spectile::networks {
namespace {

class TileRunner final : public Runner {
public:
    TileRunner(std::shared_ptr<SpectralGpt> network, const gpt::PackedNetwork& packed)
        : network_(std::move(network)), inference_(packed) {}

    // One cube at a time: a batch is slower, since the tokens of several tiles leave the cache.
    void predict(std::span<const Cube> in, std::span<Prediction> out, const ParallelFor& parallel) override {
        const at::NoGradGuard no_grad;
        inference_.parallel = &parallel;
        for (std::size_t i = 0; i < in.size(); ++i) predict_one(in[i], out[i]);
    }

private:
    void predict_one(const Cube& cube, Prediction& out) {
        const auto& config = network_->config();
        if (cube.rows() != config.side || cube.cols() != config.side)
            throw Error(Code::scene, "spectral_gpt: reads tiles of " + std::to_string(config.side) +
                                         " pixels and no other size; window " + to_string(cube.window) +
                                         " cannot be read");
        auto* values = const_cast<float*>(cube.values.data());  // from_blob has no const form.
        const auto image = at::from_blob(values, {1, cube.bands, config.side, config.side}, at::kFloat);
        const auto scores = network_->infer(image, inference_).contiguous();
        out.reset(cube.window, config.classes);
        native::copy_valid(cube, out);
        const auto pixels = static_cast<std::int64_t>(out.pixels());
        if (config.task == "segmentation")
            kernels::softmax_channels(scores.data_ptr<float>(), out.channels, pixels, out.values.data());
        else if (config.task == "change")
            kernels::exp(scores.data_ptr<float>(), out.values.data(), out.values.size());
        else
            spread(config.multi_label ? at::sigmoid(scores) : at::softmax(scores, 1), out);
    }

    /// One number per class to every pixel.
    static void spread(const at::Tensor& probabilities, Prediction& out) {
        const float* values = probabilities.data_ptr<float>();
        for (int channel = 0; channel < out.channels; ++channel) {
            const auto plane = out.channel(channel);
            std::fill(plane.begin(), plane.end(), values[channel]);
        }
    }

    std::shared_ptr<SpectralGpt> network_;
    gpt::Inference inference_;
};

class TileModel final : public Model {
public:
    TileModel(std::shared_ptr<SpectralGpt> network, Precision precision)
        : network_(std::move(network)), packed_(gpt::pack_network(*network_, precision)) {}
    std::unique_ptr<Runner> start() const override { return std::make_unique<TileRunner>(network_, packed_); }

private:
    std::shared_ptr<SpectralGpt> network_;
    gpt::PackedNetwork packed_;
};

}  // namespace

std::unique_ptr<Model> make_tile_model(std::shared_ptr<SpectralGpt> network, Precision precision) {
    return std::make_unique<TileModel>(std::move(network), precision);
}

}  // namespace spectile::networks
