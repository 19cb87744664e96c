#include "models/networks/patch_model.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/softmax.h>
#include <c10/util/Exception.h>

#include <algorithm>

#include "models/native/validity.hpp"
#include "models/networks/device.hpp"
#include "models/networks/device_queue.hpp"
#include "spectile/error.hpp"

namespace spectile::networks {
namespace {

struct Shared {
    PatchRun run;
    // forward() changes nothing, but is not const.
    std::unique_ptr<Network> network;
    std::unique_ptr<DeviceQueue> queue;
};

/// A rectangle of output pixels.
struct Piece {
    std::int64_t row, rows, col, cols;
};

/// A cube on the device, and the view of it as [bands, rows, cols, window, window].
struct Patches {
    DeviceQueue::Input scene;
    at::Tensor view;
};

class PatchRunner final : public Runner {
public:
    explicit PatchRunner(std::shared_ptr<Shared> shared)
        : shared_(std::move(shared)), pixels_(shared_->run.pixels) {}

    void predict(std::span<const Cube> in, std::span<Prediction> out, const ParallelFor&) override {
        const at::NoGradGuard no_grad;
        for (std::size_t i = 0; i < in.size(); ++i) predict_one(in[i], out[i]);
    }

private:
    void predict_one(const Cube& cube, Prediction& out) {
        const std::int64_t window = shared_->network->window();
        out.reset(grow(cube.window, -(window - 1) / 2), shared_->run.classes);
        native::copy_valid(cube, out);
        const auto scene = upload(cube);
        // Copied batch by batch.
        const Patches patches = {scene, scene.values.unfold(1, window, 1).unfold(2, window, 1)};
        for (std::int64_t row = 0, rows = 0; row < out.window.height; row += rows) {
            rows = std::clamp<std::int64_t>(pixels_ / out.window.width, 1, out.window.height - row);
            for (std::int64_t col = 0, cols = 0; col < out.window.width; col += cols) {
                cols = std::min(pixels_, out.window.width - col);
                // Where a batch was halved, the rest of the rows follows in its own pieces.
                while (!run_piece(patches, {row, rows, col, cols}, out)) {
                    halve(out.window, rows * cols);
                    if (rows > 1)
                        rows = std::max<std::int64_t>(1, rows / 2);
                    else
                        cols = std::max<std::int64_t>(1, cols / 2);
                }
            }
        }
    }

    DeviceQueue::Input upload(const Cube& cube) {
        const std::vector<std::int64_t> shape = {cube.bands, cube.rows(), cube.cols()};
        if (!input_.defined() || input_.sizes() != shape) input_ = shared_->queue->host_memory(shape);
        std::copy(cube.values.begin(), cube.values.end(), input_.data_ptr<float>());
        try {
            return shared_->queue->upload(input_);
        } catch (const c10::OutOfMemoryError&) {
            throw Error(Code::memory, "window " + to_string(cube.window) + ": " + shared_->run.device +
                                          " has no memory for this tile; lower tiling.tile, end what else " +
                                          "runs there, or use --device cpu");
        }
    }

    /// Whether there was room for it.
    bool run_piece(const Patches& patches, const Piece& piece, Prediction& out) {
        const auto forward = [&](const at::Tensor& view) {
            const auto batch =
                view.narrow(1, piece.row, piece.rows)
                    .narrow(2, piece.col, piece.cols)
                    .permute({1, 2, 0, 3, 4})
                    .reshape({piece.rows * piece.cols, view.size(0), view.size(3), view.size(4)});
            return at::softmax(shared_->network->forward(batch), 1).t();
        };
        try {
            shared_->queue->compute({patches.view, patches.scene.arrival}, forward, scores_);
            store(scores_, piece, out);
            return true;
        } catch (const c10::OutOfMemoryError&) {
            return false;
        }
    }

    void store(const at::Tensor& scores, const Piece& piece, Prediction& out) const {
        const float* from = scores.data_ptr<float>();
        require_finite(from, static_cast<std::size_t>(scores.numel()), shared_->run.precision);
        for (int channel = 0; channel < out.channels; ++channel)
            for (std::int64_t row = 0; row < piece.rows; ++row, from += piece.cols)
                std::copy_n(from, piece.cols,
                            out.channel(channel).data() + (piece.row + row) * out.window.width + piece.col);
    }

    void halve(const Window& window, std::int64_t tried) {
        if (tried <= 1)
            throw Error(
                Code::memory,
                "window " + to_string(window) + ": " + shared_->run.device +
                    " has no memory for a single pixel; end what else runs there, or use --device cpu");
        pixels_ = std::max<std::int64_t>(1, tried / 2);
    }

    std::shared_ptr<Shared> shared_;
    std::int64_t pixels_;
    at::Tensor input_, scores_;
};

class PatchModel final : public Model {
public:
    explicit PatchModel(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
    std::unique_ptr<Runner> start() const override { return std::make_unique<PatchRunner>(shared_); }

private:
    std::shared_ptr<Shared> shared_;
};

}  // namespace

std::unique_ptr<Model> make_patch_model(std::unique_ptr<Network> network, const PatchRun& run) {
    move_to_device(*network, run.device, run.precision);
    return std::make_unique<PatchModel>(
        std::make_shared<Shared>(Shared{run, std::move(network), make_device_queue(run.device)}));
}

}  // namespace spectile::networks
