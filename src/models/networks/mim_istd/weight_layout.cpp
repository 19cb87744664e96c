#include "models/networks/mim_istd/weight_layout.hpp"

#include <cmath>

namespace spectile::networks {
namespace {

using entries::MimIstdConfig;
using Shape = std::vector<std::int64_t>;

class Layout {
public:
    explicit Layout(std::string prefix = {}) : prefix_(std::move(prefix)) {}

    void add(const std::string& name, Shape shape, Begin begin, double scale = 0, bool buffer = false) {
        weights.push_back({prefix_ + name, std::move(shape), begin, scale, buffer});
    }
    void add_all(const Layout& other) {
        for (const auto& weight : other.weights) {
            weights.push_back(weight);
            weights.back().name = prefix_ + weight.name;
        }
    }
    void layer_norm(const std::string& name, std::int64_t width) {
        add(name + ".weight", {width}, Begin::ones);
        add(name + ".bias", {width}, Begin::zeros);
    }
    void batch_norm(const std::string& name, std::int64_t width) {
        layer_norm(name, width);
        add(name + ".running_mean", {width}, Begin::zeros, 0, /*buffer=*/true);
        add(name + ".running_var", {width}, Begin::ones, 0, /*buffer=*/true);
    }
    /// A convolution of the encoder: normal by its fan-out, bias 0.
    void conv(const std::string& name, Shape shape, std::int64_t groups = 1) {
        const std::int64_t out = shape[0];
        const auto fan_out = static_cast<double>(shape[2] * shape[3] * out / groups);
        add(name + ".weight", std::move(shape), Begin::normal, std::sqrt(2 / fan_out));
        add(name + ".bias", {out}, Begin::zeros);
    }
    /// A layer of the decoder or a transposed convolution: uniform, as the library begins them.
    void uniform(const std::string& name, Shape shape, std::int64_t fan_in, std::int64_t bias) {
        const double bound = 1 / std::sqrt(static_cast<double>(fan_in));
        add(name + ".weight", std::move(shape), Begin::uniform, bound);
        if (bias > 0) add(name + ".bias", {bias}, Begin::uniform, bound);
    }
    void linear(const std::string& name, std::int64_t out, std::int64_t in) {
        add(name + ".weight", {out, in}, Begin::truncated);
    }

    std::vector<LayoutTensor> weights;

private:
    std::string prefix_;
};

Layout ss2d(const std::string& name, std::int64_t width) {
    const std::int64_t inner = MimIstdConfig::kExpand * width, states = MimIstdConfig::kStates,
                       rank = MimIstdConfig::rank(static_cast<int>(width));
    Layout out(name + ".");
    out.add("x_proj_weight", {4, rank + 2 * states, inner}, Begin::uniform,
            1 / std::sqrt(static_cast<double>(inner)));
    out.add("dt_projs_weight", {4, inner, rank}, Begin::uniform, 1 / std::sqrt(static_cast<double>(rank)));
    out.add("dt_projs_bias", {4, inner}, Begin::step_bias);
    out.add("A_logs", {4 * inner, states}, Begin::log_states);
    out.add("Ds", {4 * inner}, Begin::ones);
    out.linear("in_proj", 2 * inner, width);
    out.conv("conv2d", {inner, 1, 3, 3}, inner);
    out.layer_norm("out_norm", inner);
    out.linear("out_proj", width, inner);
    return out;
}

Layout conv_mlp(const std::string& name, std::int64_t width) {
    const std::int64_t hidden = 2 * width;
    Layout out(name + ".");
    out.conv("conv1x1_gelu_bn.conv3x3_gelu_bn.0", {hidden, width, 1, 1});
    out.batch_norm("conv1x1_gelu_bn.conv3x3_gelu_bn.2", hidden);
    out.conv("conv3x3_dw.conv", {hidden, 1, 3, 3}, hidden);
    out.batch_norm("act.1", hidden);
    out.conv("conv1x1_pw.0", {width, hidden, 1, 1});
    out.batch_norm("conv1x1_pw.1", width);
    return out;
}

Layout block(const MimIstdConfig& config, int stage, bool inner_half) {
    const std::int64_t D = config.outer[stage], C = config.words[stage],
                       joined = C * config.words_per_sentence();
    Layout out;
    if (inner_half) {
        out.layer_norm("inner_norm1", joined);
        if (config.inner == "ss2d")
            out.add_all(ss2d("inner_attn", C));
        else
            out.conv("inner_conv", {C, C, 3, 3});
        out.layer_norm("inner_norm2", joined);
        out.add_all(conv_mlp("inner_mlp", C));
        out.layer_norm("proj_norm1", joined);
        out.linear("proj", D, joined);
        out.layer_norm("proj_norm2", D);
    }
    out.layer_norm("outer_norm1", D);
    out.add_all(ss2d("outer_attn", D));
    out.layer_norm("outer_norm2", D);
    out.add_all(conv_mlp("outer_mlp", D));
    return out;
}

Layout stem(const MimIstdConfig& config) {
    const std::int64_t D = config.outer[0], C = config.words[0], quarter = D / 4, half = D / 2;
    Layout out("patch_embed.");
    out.conv("common_conv.0", {quarter, config.channels, 3, 3});
    out.batch_norm("common_conv.1", quarter);
    if (config.has_inner()) {
        out.conv("inner_convs.0", {C, quarter, 3, 3});
        out.batch_norm("inner_convs.1", C);
    }
    out.conv("outer_convs.0", {half, quarter, 3, 3});
    out.batch_norm("outer_convs.1", half);
    out.conv("outer_convs.3", {D, half, 3, 3});
    out.batch_norm("outer_convs.4", D);
    out.conv("outer_convs.6", {D, D, 3, 3});
    out.batch_norm("outer_convs.7", D);
    return out;
}

Layout encoder(const MimIstdConfig& config) {
    Layout out("mim_backbone.");
    out.add_all(stem(config));
    for (int stage = 0; stage < MimIstdConfig::kStages; ++stage) {
        const std::string index = std::to_string(stage);
        const std::int64_t D = config.outer[stage], C = config.words[stage];
        for (int i = 0; i < config.depths[stage]; ++i) {
            Layout named("stages." + index + ".blocks." + std::to_string(i) + ".");
            named.add_all(block(config, stage, i == 0 && config.has_inner()));
            out.add_all(named);
        }
        const std::string up = "up_blocks." + index + ".";
        out.uniform(up + "transposed_conv", {D, D, 2, 2}, 4 * D, D);
        out.batch_norm(up + "batch_norm1", D);
        out.conv(up + "conv", {D, D, 3, 3});
        out.batch_norm(up + "batch_norm2", D);
        if (stage + 1 == MimIstdConfig::kStages) break;
        if (config.has_inner()) {
            out.layer_norm("word_merges." + index + ".norm", C);
            out.conv("word_merges." + index + ".conv.0", {2 * C, C, 3, 3});
        }
        out.linear("sentence_merges." + index + ".reduction", 2 * D, 4 * D);
        out.layer_norm("sentence_merges." + index + ".norm", 4 * D);
    }
    return out;
}

void add_decoder_level(Layout& out, int level, std::int64_t width) {
    const std::string index = std::to_string(level);
    out.uniform("deconv" + index + ".expand", {4 * width, 2 * width}, 2 * width, /*bias=*/0);
    out.layer_norm("deconv" + index + ".norm", width);
    for (const char* body : {".0.body.", ".1.body."}) {
        const std::string name = "uplayer" + index + body;
        out.uniform(name + "0", {width, width, 3, 3}, 9 * width, /*bias=*/0);
        out.batch_norm(name + "1", width);
        out.uniform(name + "3", {width, width, 3, 3}, 9 * width, /*bias=*/0);
        out.batch_norm(name + "4", width);
    }
}

}  // namespace

std::vector<LayoutTensor> mim_istd_layout(const MimIstdConfig& config) {
    Layout out;
    out.add_all(encoder(config));
    for (int level = 3; level > 0; --level) add_decoder_level(out, level, config.outer[level - 1]);
    const std::int64_t D = config.outer[0];
    out.uniform("head.block.0", {D / 4, D, 3, 3}, 9 * D, /*bias=*/0);
    out.batch_norm("head.block.1", D / 4);
    out.uniform("head.block.4", {1, D / 4, 1, 1}, D / 4, /*bias=*/1);
    return out.weights;
}

std::vector<UnreadEntry> mim_istd_unread(const MimIstdConfig& config, int image_side) {
    constexpr std::int64_t kHeads[] = {2, 4, 8, 16}, kReduction[] = {4, 2, 1, 1};
    std::vector<UnreadEntry> out;
    const std::int64_t side = image_side / config.sentence_px;
    for (int i = 0; i < MimIstdConfig::kStages; ++i) {
        const std::int64_t positions = (side >> i) * (side >> i);
        out.push_back({"mim_backbone.stages." + std::to_string(i) + ".relative_pos",
                       {1, kHeads[i], positions, positions / (kReduction[i] * kReduction[i])}});
    }
    const std::int64_t last = config.outer[MimIstdConfig::kStages - 1];
    out.push_back({"mim_backbone.norm.weight", {last}});
    out.push_back({"mim_backbone.norm.bias", {last}});
    const std::string end = "running_var";
    for (const auto& weight : mim_istd_layout(config))
        if (weight.name.ends_with(end))
            out.push_back({weight.name.substr(0, weight.name.size() - end.size()) + "num_batches_tracked",
                           {},
                           /*counter=*/true});
    return out;
}

}  // namespace spectile::networks
