#include <ATen/core/grad_mode.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/softmax.h>
#include <torch/script.h>

#include <sstream>

#include "models/entries/torchscript_config.hpp"
#include "models/native/validity.hpp"
#include "models/networks/device.hpp"
#include "models/networks/over_devices.hpp"
#include "models/networks/registry.hpp"
#include "models/networks/weight_files.hpp"
#include "spectile/error.hpp"

namespace spectile::networks {
namespace {

using entries::TorchscriptConfig;

/// The first line of what LibTorch said; the rest is its own call stack.
std::string first_line(const char* what) {
    const std::string text = what;
    return text.substr(0, text.find('\n'));
}

struct Shared {
    TorchscriptConfig config;
    std::string file;
    c10::Device device;
    mutable torch::jit::Module module;
};

at::Tensor run_module(const Shared& shared, const at::Tensor& input) {
    try {
        const auto result = shared.module.forward({input});
        if (!result.isTensor()) throw Error(Code::model, shared.file + ": the network gives no tensor");
        return result.toTensor().to(at::kCPU, at::kFloat).contiguous();
    } catch (const c10::Error& e) {
        throw Error(Code::model, shared.file + ": the network fails on its input",
                    first_line(e.what_without_backtrace()));
    } catch (const std::runtime_error& e) {
        if (dynamic_cast<const Error*>(&e)) throw;
        throw Error(Code::model, shared.file + ": the network fails on its input", first_line(e.what()));
    }
}

at::Tensor activate(const at::Tensor& output, const std::string& activation) {
    if (activation == "softmax") return at::softmax(output, 1);
    if (activation == "sigmoid") return at::sigmoid(output);
    return output;
}

class TorchscriptRunner final : public Runner {
public:
    explicit TorchscriptRunner(std::shared_ptr<const Shared> shared) : shared_(std::move(shared)) {}

    // One cube at a time: what a network gives for one must not depend on its neighbours in a batch.
    void predict(std::span<const Cube> in, std::span<Prediction> out, const ParallelFor&) override {
        const at::NoGradGuard no_grad;
        for (std::size_t i = 0; i < in.size(); ++i) predict_one(in[i], out[i]);
    }

private:
    void predict_one(const Cube& cube, Prediction& out) {
        const auto& config = shared_->config;
        if (config.bands > 0 && cube.bands != config.bands)
            throw Error(Code::model, shared_->file + ": reads " + std::to_string(config.bands) +
                                         " bands, not " + std::to_string(cube.bands));
        const std::int64_t rows = cube.rows(), cols = cube.cols();
        if (config.rows > 0 && (rows != config.rows || cols != config.cols))
            throw Error(Code::model, shared_->file + ": reads " + std::to_string(config.cols) + "x" +
                                         std::to_string(config.rows) + " pixels, not window " +
                                         to_string(cube.window));
        auto* values = const_cast<float*>(cube.values.data());  // from_blob has no const form.
        const auto input = at::from_blob(values, {1, cube.bands, rows, cols}, at::kFloat);
        // A copy, as a network may change its input in place.
        const auto output = activate(run_module(*shared_, input.to(shared_->device, at::kFloat, false, true)),
                                     config.activation);
        require_shape(output, rows - 2 * config.crop, cols - 2 * config.crop);
        out.reset(config.local ? grow(cube.window, -config.halo) : cube.window, config.channels);
        native::copy_valid(cube, out);
        copy_output(output, grow(cube.window, -config.crop), out);
    }

    void require_shape(const at::Tensor& output, std::int64_t rows, std::int64_t cols) const {
        const std::vector<std::int64_t> wanted = {1, shared_->config.channels, rows, cols};
        if (output.sizes().vec() != wanted)
            throw Error(Code::model, shared_->file + ": the network gives " +
                                         weights::shape_text(output.sizes().vec()) +
                                         ", its card (channels, crop) says " + weights::shape_text(wanted));
    }

    /// `covered` is where the output lies. What it does not cover counts as not valid.
    static void copy_output(const at::Tensor& output, const Window& covered, Prediction& out) {
        const Window &to = out.window, common = intersect(covered, to);
        const bool whole = common == to;
        const std::vector<std::uint8_t> valid = out.valid;
        if (!whole) {
            std::fill(out.values.begin(), out.values.end(), 0.0F);
            std::fill(out.valid.begin(), out.valid.end(), std::uint8_t{0});
        }
        const float* data = output.data_ptr<float>();
        for (std::int64_t row = 0; row < common.height; ++row) {
            const std::int64_t at = (common.y - to.y + row) * to.width + (common.x - to.x);
            const std::int64_t from = (common.y - covered.y + row) * covered.width + (common.x - covered.x);
            for (int channel = 0; channel < out.channels; ++channel)
                std::copy_n(data + channel * covered.area() + from, common.width,
                            out.channel(channel).data() + at);
            if (!whole) std::copy_n(valid.data() + at, common.width, out.valid.data() + at);
        }
    }

    std::shared_ptr<const Shared> shared_;
};

class TorchscriptModel final : public Model {
public:
    explicit TorchscriptModel(std::shared_ptr<const Shared> shared) : shared_(std::move(shared)) {}
    std::unique_ptr<Runner> start() const override { return std::make_unique<TorchscriptRunner>(shared_); }

private:
    std::shared_ptr<const Shared> shared_;
};

std::unique_ptr<Model> load_script_on(const c10::Device& target, const ModelCard& card) {
    const auto config = entries::torchscript_config(card);
    if (card.weights_sha256.empty())
        throw Error(Code::model,
                    card.file + ": weights: the card must hold the SHA-256 of the network, which is code; " +
                        "it does not run without");
    // Hashed and loaded from the same bytes: what runs is what was checked.
    const auto bytes = read_verified(card);
    std::istringstream stream(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    try {
        auto module = torch::jit::load(stream, target);
        module.eval();
        return std::make_unique<TorchscriptModel>(
            std::make_shared<const Shared>(Shared{config, card.weights, target, std::move(module)}));
    } catch (const c10::Error& e) {
        throw Error(Code::model, card.weights + ": is not a TorchScript network",
                    first_line(e.what_without_backtrace()));
    }
}

std::unique_ptr<Model> load_script(const ModelCard& card, const std::string& device) {
    return over_devices(resolve_devices(device),
                        [&](const std::string& where) { return load_script_on(c10::Device(where), card); });
}

}  // namespace

NetworkEntry torchscript() {
    return {.name = "torchscript", .make = {}, .load = load_script, .load_random = {}};
}

}  // namespace spectile::networks
