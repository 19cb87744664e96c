#include "models/networks/mim_istd/tile_model.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/from_blob.h>

#include <algorithm>

#include "kernels/flush_denormals.hpp"
#include "models/native/validity.hpp"
#include "models/networks/tile_on_device.hpp"
#include "spectile/error.hpp"

namespace spectile::networks {
namespace {

class TileRunner final : public Runner {
public:
    explicit TileRunner(std::shared_ptr<MimIstd> network) : network_(std::move(network)) {}

    void predict(std::span<const Cube> in, std::span<Prediction> out, const ParallelFor&) override {
        const at::NoGradGuard no_grad;
        const kernels::FlushDenormals flushed;
        for (std::size_t i = 0; i < in.size(); ++i) predict_one(in[i], out[i]);
    }

private:
    void predict_one(const Cube& cube, Prediction& out) {
        // The plan sees to it that tiles are those of training, unless the pipeline asks for others.
        const std::int64_t side = cube.rows();
        auto* values = const_cast<float*>(cube.values.data());  // from_blob has no const form.
        const auto logits =
            network_->forward(at::from_blob(values, {1, cube.bands, side, side}, at::kFloat)).contiguous();
        out.reset(cube.window, 1);
        native::copy_valid(cube, out);
        std::copy_n(logits.data_ptr<float>(), out.values.size(), out.values.data());
    }

    std::shared_ptr<MimIstd> network_;
};

class TileModel final : public Model {
public:
    explicit TileModel(std::shared_ptr<MimIstd> network) : network_(std::move(network)) {}
    std::unique_ptr<Runner> start() const override { return std::make_unique<TileRunner>(network_); }

private:
    std::shared_ptr<MimIstd> network_;
};

}  // namespace

std::unique_ptr<Model> make_tile_model(std::shared_ptr<MimIstd> network) {
    network->train(false);
    return std::make_unique<TileModel>(std::move(network));
}

std::unique_ptr<Model> make_tile_model_on(const std::string& device, std::shared_ptr<MimIstd> network,
                                          Precision precision) {
    network->use_plain_operators(true);
    const std::size_t workspace = network->config().workspace_bytes_per_pixel();
    return make_tile_on_device(std::move(network), {.device = device,
                                                    .channels = 1,
                                                    .finish = {},
                                                    .precision = precision,
                                                    .workspace_bytes_per_pixel = workspace});
}

}  // namespace spectile::networks
