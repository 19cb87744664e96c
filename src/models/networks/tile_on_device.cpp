#include "models/networks/tile_on_device.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/from_blob.h>
#include <c10/util/Exception.h>

#include <algorithm>

#include "models/native/validity.hpp"
#include "models/networks/device.hpp"
#include "spectile/error.hpp"

namespace spectile::networks {
namespace {

struct TileShare {
    TileRun run;
    // forward() changes nothing, but is not const.
    std::shared_ptr<Network> network;
};

class DeviceTileRunner final : public Runner {
public:
    explicit DeviceTileRunner(std::shared_ptr<const TileShare> shared) : shared_(std::move(shared)) {}

    void predict(std::span<const Cube> in, std::span<Prediction> out, const ParallelFor&) override {
        const at::NoGradGuard no_grad;
        for (std::size_t i = 0; i < in.size(); ++i) predict_one(in[i], out[i]);
    }

private:
    void predict_one(const Cube& cube, Prediction& out) const {
        out.reset(cube.window, shared_->run.channels);
        native::copy_valid(cube, out);
        const auto values = forward(cube)
                                .expand({1, out.channels, cube.rows(), cube.cols()})
                                .to(at::kCPU, at::kFloat)
                                .contiguous();
        std::copy_n(values.data_ptr<float>(), out.values.size(), out.values.data());
    }

    at::Tensor forward(const Cube& cube) const {
        auto* values = const_cast<float*>(cube.values.data());  // from_blob has no const form.
        const auto host = at::from_blob(values, {1, cube.bands, cube.rows(), cube.cols()}, at::kFloat);
        try {
            const auto output = shared_->network->forward(host.to(at::Device(shared_->run.device)));
            return shared_->run.finish ? shared_->run.finish(output) : output;
        } catch (const c10::OutOfMemoryError&) {
            throw Error(Code::memory, "window " + to_string(cube.window) + ": " + shared_->run.device +
                                          " has no memory for this tile; lower tiling.tile, end what else " +
                                          "runs there, or use --device cpu");
        }
    }

    std::shared_ptr<const TileShare> shared_;
};

class DeviceTileModel final : public Model {
public:
    explicit DeviceTileModel(std::shared_ptr<const TileShare> shared) : shared_(std::move(shared)) {}
    std::unique_ptr<Runner> start() const override { return std::make_unique<DeviceTileRunner>(shared_); }

private:
    std::shared_ptr<const TileShare> shared_;
};

}  // namespace

std::unique_ptr<Model> make_tile_on_device(std::shared_ptr<Network> network, const TileRun& run) {
    network->train(false);
    move_to_device(*network, run.device);
    return std::make_unique<DeviceTileModel>(
        std::make_shared<const TileShare>(TileShare{run, std::move(network)}));
}

}  // namespace spectile::networks
