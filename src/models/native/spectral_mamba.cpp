#include "models/native/spectral_mamba.hpp"

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>

#include "kernels/spectral_mamba.hpp"
#include "models/native/registry.hpp"
#include "models/native/softmax.hpp"
#include "models/native/spectral_mamba_layout.hpp"
#include "models/native/validity.hpp"
#include "spectile/error.hpp"

namespace spectile::native {
namespace {

using entries::SpectralMambaConfig;

constexpr std::int64_t kRowGroup = 8;  // Output rows of one task; the bytes do not depend on it.

kernels::SpectralMambaShape shape_of(const SpectralMambaConfig& c) {
    return {.bands = c.bands,
            .classes = c.classes,
            .patch_size = c.patch_size,
            .gssm_kernel = c.gssm_kernel,
            .halo_padding = c.gssm_padding == "halo",
            .piece_len = c.piece_len,
            .d_model = c.d_model,
            .depth = c.depth,
            .expand = c.expand,
            .d_state = c.d_state,
            .d_conv = c.d_conv,
            .dt_rank = c.dt_rank,
            .ln_eps = static_cast<float>(c.ln_eps)};
}

kernels::SpectralMambaWeights::Block block_of(const WeightArrays& arrays, int index) {
    const std::string block = "blocks." + std::to_string(index) + ".", mixer = block + "mixer.";
    const auto at = [&](const std::string& name) { return arrays.at(name).data(); };
    return {.norm_weight = at(block + "norm.weight"),
            .norm_bias = at(block + "norm.bias"),
            .in_proj = at(mixer + "in_proj.weight"),
            .conv_weight = at(mixer + "conv1d.weight"),
            .conv_bias = at(mixer + "conv1d.bias"),
            .x_proj = at(mixer + "x_proj.weight"),
            .dt_weight = at(mixer + "dt_proj.weight"),
            .dt_bias = at(mixer + "dt_proj.bias"),
            .A_log = at(mixer + "A_log"),
            .D = at(mixer + "D"),
            .out_proj = at(mixer + "out_proj.weight")};
}

kernels::SpectralMambaWeights weights_of(const WeightArrays& arrays, int depth) {
    const auto at = [&](const std::string& name) {
        const auto found = arrays.find(name);
        return found == arrays.end() ? nullptr : found->second.data();  // gssm.* is absent for patch 1.
    };
    kernels::SpectralMambaWeights weights = {.gssm_dw_weight = at("gssm.dw.weight"),
                                             .gssm_dw_bias = at("gssm.dw.bias"),
                                             .gssm_pw_weight = at("gssm.pw.weight"),
                                             .gssm_pw_bias = at("gssm.pw.bias"),
                                             .embed_weight = at("embed.weight"),
                                             .embed_bias = at("embed.bias"),
                                             .blocks = {},
                                             .norm_weight = at("norm.weight"),
                                             .norm_bias = at("norm.bias"),
                                             .head_weight = at("head.weight"),
                                             .head_bias = at("head.bias")};
    for (int index = 0; index < depth; ++index) weights.blocks.push_back(block_of(arrays, index));
    return weights;
}

WeightArrays arrays_of(const SpectralMambaConfig& config, const weights::SafeTensors& file) {
    require_weights(file, spectral_mamba_layout(config));
    WeightArrays arrays;
    for (const auto& [name, view] : file.tensors()) arrays[name] = weights::to_floats(view);
    return arrays;
}

struct Shared {
    SpectralMambaConfig config;
    WeightArrays arrays;  // The kernel may point into these.
    kernels::SpectralMambaDense dense;
    Shared(const SpectralMambaConfig& c, WeightArrays weights, Precision precision)
        : config(c),
          arrays(std::move(weights)),
          dense(shape_of(c), weights_of(arrays, c.depth), precision == Precision::bfloat16) {}
};

/// Scratch for as many tasks as run at once.
class ScratchPool {
public:
    std::vector<float> take() {
        const std::lock_guard lock(mutex_);
        if (free_.empty()) return {};
        auto scratch = std::move(free_.back());
        free_.pop_back();
        return scratch;
    }
    void give(std::vector<float> scratch) {
        const std::lock_guard lock(mutex_);
        free_.push_back(std::move(scratch));
    }

private:
    std::mutex mutex_;
    std::vector<std::vector<float>> free_;
};

class DenseRunner final : public Runner {
public:
    explicit DenseRunner(std::shared_ptr<const Shared> shared) : shared_(std::move(shared)) {}

    void predict(std::span<const Cube> in, std::span<Prediction> out, const ParallelFor& parallel) override {
        for (std::size_t i = 0; i < in.size(); ++i) predict_one(in[i], out[i], parallel);
    }

private:
    void predict_one(const Cube& cube, Prediction& out, const ParallelFor& parallel) {
        const auto& config = shared_->config;
        const Window core = grow(cube.window, -config.halo());
        if (cube.bands != config.bands || core.empty())
            throw Error(Code::internal, "spectral_mamba: cube of " + std::to_string(cube.bands) +
                                            " bands, window " + to_string(cube.window) + ", expected " +
                                            std::to_string(config.bands) + " bands and more than the halo");
        out.reset(core, config.classes);
        copy_valid(cube, out);
        // Pixels without a measurement are nodata in every product: what they cost is saved.
        std::fill(out.values.begin(), out.values.end(), 0.0F);
        const std::int64_t rows = core.height, cols = core.width;
        const kernels::SpectralMambaTile tile{cube.values.data(), rows, cols, out.values.data(),
                                              out.valid.data()};
        parallel((rows + kRowGroup - 1) / kRowGroup, [&](std::int64_t group) {
            const std::int64_t begin = group * kRowGroup, end = std::min(rows, begin + kRowGroup);
            auto scratch = scratch_.take();
            shared_->dense.predict(tile, begin, end, scratch);
            scratch_.give(std::move(scratch));
            softmax(out.values, config.classes, begin * cols, end * cols);
        });
    }

    std::shared_ptr<const Shared> shared_;
    ScratchPool scratch_;
};

class DenseModel final : public Model {
public:
    explicit DenseModel(std::shared_ptr<const Shared> shared) : shared_(std::move(shared)) {}
    std::unique_ptr<Runner> start() const override { return std::make_unique<DenseRunner>(shared_); }

private:
    std::shared_ptr<const Shared> shared_;
};

}  // namespace

void require_same_config(const SpectralMambaConfig& config, const weights::SafeTensors& file) {
    const auto stored = file.metadata().find("config");
    if (stored == file.metadata().end())
        throw Error(Code::model,
                    file.name() + ": its metadata hold no config; the weights cannot be told from others");
    const auto theirs = entries::parse_spectral_mamba(stored->second, file.name() + ": config");
    if (theirs == config) return;
    const auto ours = nlohmann::json::parse(entries::to_json(config)),
               other = nlohmann::json::parse(entries::to_json(theirs));
    for (const auto& [key, value] : ours.items())
        if (other[key] != value)
            throw Error(Code::model, file.name() + ": was trained with " + key + " " + other[key].dump() +
                                         ", but the card's parameters." + key + " is " + value.dump());
}

std::unique_ptr<Model> make_dense_model(const SpectralMambaConfig& config, const weights::SafeTensors& file) {
    require_same_config(config, file);
    return make_dense_model(config, arrays_of(config, file));
}

std::unique_ptr<Model> make_dense_model(const SpectralMambaConfig& config, WeightArrays weights,
                                        Precision precision) {
    return std::make_unique<DenseModel>(
        std::make_shared<const Shared>(config, std::move(weights), precision));
}

std::unique_ptr<Model> load_spectral_mamba(const ModelCard& card) {
    const auto config = entries::spectral_mamba_config(card);
    const auto file = weights::SafeTensors::parse(read_verified(card), card.weights);
    require_same_config(config, file);
    return make_dense_model(config, arrays_of(config, file), card.precision);
}

NativeEntry spectral_mamba() { return {.name = "spectral_mamba", .load = load_spectral_mamba}; }

}  // namespace spectile::native
