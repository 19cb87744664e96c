#include "models/networks/spectral_gpt/weight_layout.hpp"

#include <cmath>

namespace spectile::networks {
namespace {

using entries::SpectralGptConfig;
using Shape = std::vector<std::int64_t>;

constexpr double kTokenDeviation = 0.02, kHeadDeviation = 0.02;

class Layout {
public:
    /// In pretraining linear layers begin by Xavier, without a bias; downstream as the library makes them.
    explicit Layout(bool pretraining) : pretraining_(pretraining) {}

    void add(const std::string& name, Shape shape, Begin begin, double scale = 0) {
        tensors.push_back({name, std::move(shape), begin, scale});
    }
    void norm(const std::string& name, std::int64_t width) {
        add(name + ".weight", {width}, Begin::ones);
        add(name + ".bias", {width}, Begin::zeros);
    }
    void linear(const std::string& name, std::int64_t out, std::int64_t in) {
        if (!pretraining_) return layer(name, {out, in}, in, out);
        add(name + ".weight", {out, in}, Begin::uniform, xavier(out, in));
        add(name + ".bias", {out}, Begin::zeros);
    }
    /// The patch embedding: Xavier on its [width, token values] view, its bias as the library makes it.
    void patches(const SpectralGptConfig& config) {
        const std::int64_t in = config.token_values(), out = config.embed;
        const Shape shape = {out, 1, config.group, config.patch, config.patch};
        const std::string name = "patch_embed.proj";
        if (!pretraining_) return layer(name, shape, in, out);
        add(name + ".weight", shape, Begin::uniform, xavier(out, in));
        add(name + ".bias", {out}, Begin::uniform, 1 / std::sqrt(static_cast<double>(in)));
    }
    /// A layer as the library begins it, uniform by its inputs.
    void layer(const std::string& name, Shape shape, std::int64_t inputs, std::int64_t out) {
        const double bound = 1 / std::sqrt(static_cast<double>(inputs));
        add(name + ".weight", std::move(shape), Begin::uniform, bound);
        add(name + ".bias", {out}, Begin::uniform, bound);
    }
    void conv(const std::string& name, std::int64_t out, std::int64_t in, std::int64_t side = 1) {
        layer(name, {out, in, side, side}, in * side * side, out);
    }
    void conv_norm(const std::string& name, std::int64_t out, std::int64_t in) {
        conv(name + ".0", out, in);
        norm(name + ".1", out);
    }
    /// A scale of the dense head: its transposed convolution counts its outputs as inputs.
    void scale(const std::string& name, std::int64_t embed, std::int64_t in, std::int64_t out,
               std::int64_t side) {
        conv_norm(name, in, embed);
        if (side > 1) layer(name + ".3", {in, out, side, side}, out * side * side, out);
    }
    void positions(const std::string& prefix, std::int64_t rows, std::int64_t groups, std::int64_t width) {
        const Begin begin = pretraining_ ? Begin::truncated : Begin::zeros;
        add(prefix + "pos_embed_spatial", {1, rows, width}, begin);
        add(prefix + "pos_embed_temporal", {1, groups, width}, begin);
    }
    void blocks(const std::string& prefix, int depth, std::int64_t width) {
        for (int i = 0; i < depth; ++i) {
            const auto name = prefix + "." + std::to_string(i) + ".";
            norm(name + "norm1", width);
            for (const char* part : {"q", "k", "v", "proj"}) linear(name + "attn." + part, width, width);
            norm(name + "norm2", width);
            linear(name + "mlp.fc1", 4 * width, width);
            linear(name + "mlp.fc2", width, 4 * width);
        }
    }

    std::vector<LayoutTensor> tensors;

private:
    static double xavier(std::int64_t out, std::int64_t in) {
        return std::sqrt(6 / static_cast<double>(out + in));
    }
    bool pretraining_;
};

void add_tables(Layout& out, const SpectralGptConfig& config) {
    if (config.pos_embed == "full")
        out.add("pos_embed", {1, config.tokens(), config.embed}, Begin::zeros);
    else
        out.positions("", config.positions(), config.groups(), config.embed);
    if (config.task != "pretraining") return;
    out.add("mask_token", {1, 1, config.decoder_embed}, Begin::normal, kTokenDeviation);
    out.positions("decoder_", config.positions(), config.groups(), config.decoder_embed);
}

void add_decoder(Layout& out, const SpectralGptConfig& config) {
    out.linear("decoder_embed", config.decoder_embed, config.embed);
    out.blocks("decoder_blocks", config.decoder_depth, config.decoder_embed);
    out.norm("decoder_norm", config.decoder_embed);
    out.linear("decoder_pred", config.token_values(), config.decoder_embed);
}

void add_dense_head(Layout& out, const SpectralGptConfig& config) {
    const std::int64_t c = config.head_channels, w = config.head_width, embed = config.embed;
    out.conv("cls_seg.0", config.classes, w, 3);
    for (int pool = 0; pool < 4; ++pool)
        out.conv("decoder.PPMHead.psp_modules." + std::to_string(pool) + ".1", w, c);
    out.conv_norm("decoder.PPMHead.final", w, c + 4 * w);
    for (int i = 1; i < 4; ++i) {
        const auto name = "decoder.Conv_fuse" + std::to_string(i);
        out.conv_norm(name, w, c >> i);
        out.conv_norm(name + "_", w, w);
    }
    out.conv_norm("decoder.fuse_all", w, 4 * w);
    out.conv("decoder.conv_x1", w, w);
    out.scale("conv0", embed, c / 4, c / 8, 8);
    out.scale("conv1", embed, c / 4, c / 4, 4);
    out.scale("conv2", embed, c / 2, c / 2, 2);
    out.scale("conv3", embed, c, c, 1);
    out.linear("fc.0", 1, config.groups());
}

}  // namespace

std::vector<LayoutTensor> spectral_gpt_layout(const SpectralGptConfig& config) {
    Layout out(config.task == "pretraining");
    add_tables(out, config);
    out.patches(config);
    out.blocks("blocks", config.depth, config.embed);
    out.norm("norm", config.embed);
    if (config.task == "pretraining") add_decoder(out, config);
    if (config.task == "classification") {
        out.add("head.weight", {config.classes, config.embed}, Begin::normal, kHeadDeviation);
        out.add("head.bias", {config.classes}, Begin::uniform,
                1 / std::sqrt(static_cast<double>(config.embed)));
    }
    if (config.dense()) add_dense_head(out, config);
    return out.tensors;
}

}  // namespace spectile::networks
