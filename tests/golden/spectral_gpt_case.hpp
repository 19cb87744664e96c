#pragma once

#include "golden/golden_case.hpp"
#include "models/networks/spectral_gpt/network.hpp"
#include "models/networks/spectral_gpt/weight_layout.hpp"

namespace spectile::test {

/// How the numbers are computed, and the tolerances of the golden README.
struct GptArithmetic {
    const char* name;
    at::ScalarType type;
    bool blockwise;  ///< Without gradients, attention block by block.
    double outputs, full_outputs, gradients;
};

inline void PrintTo(const GptArithmetic& how, std::ostream* out) { *out << how.name; }

inline constexpr GptArithmetic kGptArithmetics[] = {{"blockwise", at::kFloat, true, 2e-5, 1e-4, 2e-4},
                                                    {"plain32", at::kFloat, false, 2e-5, 1e-4, 2e-4},
                                                    {"plain64", at::kDouble, false, 1e-6, 1e-6, 1e-6}};

inline std::string gpt_arithmetic_name(const testing::TestParamInfo<GptArithmetic>& info) {
    return info.param.name;
}

/// The configuration that the metadata of a small model say.
inline entries::SpectralGptConfig gpt_config(const GoldenFile& file, const std::string& task) {
    entries::SpectralGptConfig config;
    const auto whole = [&](const char* key, int& value) {
        if (!file.meta(key).empty()) value = std::stoi(file.meta(key));
    };
    config.task = task;
    whole("img_size", config.side);
    whole("num_frames", config.bands);
    whole("patch_size", config.patch);
    whole("t_patch_size", config.group);
    whole("embed_dim", config.embed);
    whole("depth", config.depth);
    whole("num_heads", config.heads);
    whole("decoder_embed_dim", config.decoder_embed);
    whole("decoder_depth", config.decoder_depth);
    whole("decoder_num_heads", config.decoder_heads);
    whole("head_channels", config.head_channels);
    whole("head_out_channels", config.head_width);
    config.classes = task == "change" ? 2 : 13;
    whole("num_classes", config.classes);
    if (!file.meta("mask_ratio").empty()) config.mask_ratio = std::stod(file.meta("mask_ratio"));
    config.norm_pix_loss = file.meta("norm_pix_loss") == "True";
    config.pos_embed = file.meta("sep_pos_embed") == "False" ? "full" : "separable";
    return config;
}

/// Every file of the folder whose name begins so; a test without one fails.
inline std::vector<GoldenFile> gpt_files(const std::string& beginning) {
    std::vector<GoldenFile> files;
    for (auto& file : golden_files("spectralgpt"))
        if (file.stem().starts_with(beginning)) files.push_back(std::move(file));
    EXPECT_FALSE(files.empty()) << "no " << beginning << "* in " << golden_root() / "spectralgpt";
    return files;
}

/// The network with a file's weights, every one of which must be used.
inline networks::SpectralGpt gpt_network(const GoldenFile& file, const std::string& task,
                                         at::ScalarType type) {
    const auto config = gpt_config(file, task);
    std::map<std::string, at::Tensor> tensors;
    for (const auto& wanted : networks::spectral_gpt_layout(config)) {
        const auto& stored = file.at("state." + wanted.name);
        EXPECT_EQ(stored.shape, wanted.shape) << wanted.name;
        tensors[wanted.name] = tensor_of(stored, type);
    }
    std::size_t stored = 0;
    for (const auto& [key, tensor] : file.tensors) stored += key.starts_with("state.");
    EXPECT_EQ(tensors.size(), stored) << file.stem();
    return {config, std::move(tensors)};
}

/// Remembers everything that a pass shows.
struct GptSeen {
    std::map<std::string, at::Tensor> tensors;
    networks::Observer observer = [this](const std::string& name, const at::Tensor& value) {
        tensors[name] = value;
    };
};

/// Classes of our scores against those of the file; where they differ, the two best must be this close.
inline void expect_classes(const at::Tensor& scores, const GoldenTensor& classes, double close) {
    const auto best = std::get<0>(scores.detach().to(at::kDouble).topk(2, 1));
    const auto apart = (best.select(1, 0) - best.select(1, 1)) > close;
    const auto differ = scores.argmax(1) != tensor_of(classes);
    EXPECT_EQ((differ & apart).sum().item<std::int64_t>(), 0);
    EXPECT_LT(differ.sum().item<std::int64_t>(), differ.numel() / 100);
}

}  // namespace spectile::test
