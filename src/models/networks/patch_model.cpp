#include "models/networks/patch_model.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/softmax.h>
#include <c10/util/Exception.h>

#include <algorithm>

#include "models/native/validity.hpp"
#include "models/networks/device.hpp"
#include "spectile/error.hpp"

namespace spectile::networks {
namespace {

struct Shared {
    PatchRun run;
    // forward() changes nothing, but is not const.
    mutable std::unique_ptr<Network> network;
};

/// A rectangle of output pixels.
struct Piece {
    std::int64_t row, rows, col, cols;
};

class PatchRunner final : public Runner {
public:
    explicit PatchRunner(std::shared_ptr<const Shared> shared)
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
        auto* values = const_cast<float*>(cube.values.data());  // from_blob has no const form.
        const auto scene = at::from_blob(values, {cube.bands, cube.rows(), cube.cols()}, at::kFloat)
                               .to(at::Device(shared_->run.device));
        // A view: [bands, rows, cols, window, window], copied batch by batch.
        const auto patches = scene.unfold(1, window, 1).unfold(2, window, 1);
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

    /// Whether there was room for it.
    bool run_piece(const at::Tensor& patches, const Piece& piece, Prediction& out) const {
        try {
            const auto batch =
                patches.narrow(1, piece.row, piece.rows)
                    .narrow(2, piece.col, piece.cols)
                    .permute({1, 2, 0, 3, 4})
                    .reshape({piece.rows * piece.cols, patches.size(0), patches.size(3), patches.size(4)});
            const auto scores =
                at::softmax(shared_->network->forward(batch), 1).t().contiguous().to(at::kCPU);
            store(scores, piece, out);
            return true;
        } catch (const c10::OutOfMemoryError&) {
            return false;
        }
    }

    static void store(const at::Tensor& scores, const Piece& piece, Prediction& out) {
        const float* from = scores.data_ptr<float>();
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

    std::shared_ptr<const Shared> shared_;
    std::int64_t pixels_;
};

class PatchModel final : public Model {
public:
    explicit PatchModel(std::shared_ptr<const Shared> shared) : shared_(std::move(shared)) {}
    std::unique_ptr<Runner> start() const override { return std::make_unique<PatchRunner>(shared_); }

private:
    std::shared_ptr<const Shared> shared_;
};

}  // namespace

std::unique_ptr<Model> make_patch_model(std::unique_ptr<Network> network, const PatchRun& run) {
    move_to_device(*network, run.device);
    return std::make_unique<PatchModel>(std::make_shared<const Shared>(Shared{run, std::move(network)}));
}

}  // namespace spectile::networks
