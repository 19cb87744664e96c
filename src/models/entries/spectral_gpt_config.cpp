#include "models/entries/spectral_gpt_config.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "models/entries/parameters.hpp"
#include "spectile/error.hpp"

namespace spectile::entries {
namespace {

// Far above any such network; they keep sizes computed from a hostile card within 64 bits.
constexpr int kMaxWidth = 16384, kMaxDepth = 256, kMaxBands = 1024, kMaxSide = 1024, kMaxClasses = 65536;
constexpr int kWideGroups = 32, kNarrowGroups = 16;  // Of the dense head's group normalisations.

const std::vector<std::string> kTasks = {"pretraining", "classification", "segmentation", "change"};

/// The published sizes.
void take_size(const Parameters& given, SpectralGptConfig& config) {
    const auto size = given.one_of("size", "base", {"base", "large", "huge"});
    if (size == "large") config.embed = 1024, config.depth = 24, config.heads = 16;
    if (size == "huge") config.embed = 1280, config.depth = 32, config.heads = 16;
}

void require_multiple(const Parameters& given, const std::string& key, int value, int of,
                      const std::string& named) {
    if (value % of != 0)
        given.refuse(
            key, "must be a multiple of " + named + std::to_string(of) + ", not " + std::to_string(value));
}

void check_sizes(const Parameters& given, const SpectralGptConfig& config) {
    require_multiple(given, "side", config.side, config.patch, "the patch, ");
    require_multiple(given, "bands", config.bands, config.group, "the group, ");
    require_multiple(given, "embed", config.embed, config.heads, "the heads, ");
    require_multiple(given, "decoder_embed", config.decoder_embed, config.decoder_heads, "decoder_heads, ");
    if (!config.dense()) return;
    if (config.patch != 8)
        given.refuse("patch", "must be 8, which the heads for segmentation and change enlarge, not " +
                                  std::to_string(config.patch));
    require_multiple(given, "head_channels", config.head_channels, 4 * kWideGroups, "");
    require_multiple(given, "head_width", config.head_width, kNarrowGroups, "");
}

int classes_of(const Parameters& given, const SpectralGptConfig& config, int listed) {
    const int usual = config.task == "change" ? 2 : config.task == "segmentation" ? 13 : 0;
    const int fallback = listed > 0 ? listed : usual;
    if (config.task == "classification" && !given.has("classes") && fallback == 0)
        given.refuse("classes", "is missing");
    const int classes = given.whole("classes", fallback, 0, kMaxClasses);
    if (config.task != "pretraining" && classes < 1) given.refuse("classes", "must be at least 1, not 0");
    if (config.task == "change" && classes != 2)
        given.refuse("classes", "must be 2 (unchanged, changed), not " + std::to_string(classes));
    return classes;
}

void read_sizes(const Parameters& given, SpectralGptConfig& config) {
    take_size(given, config);
    config.side = given.whole("side", config.side, 1, kMaxSide);
    config.bands = given.whole("bands", config.bands, 1, kMaxBands);
    config.patch = given.whole("patch", config.patch, 1, kMaxSide);
    config.group = given.whole("group", config.group, 1, kMaxBands);
    config.embed = given.whole("embed", config.embed, 1, kMaxWidth);
    config.depth = given.whole("depth", config.depth, 1, kMaxDepth);
    config.heads = given.whole("heads", config.heads, 1, kMaxWidth);
    config.decoder_embed = given.whole("decoder_embed", config.decoder_embed, 1, kMaxWidth);
    config.decoder_depth = given.whole("decoder_depth", config.decoder_depth, 1, kMaxDepth);
    config.decoder_heads = given.whole("decoder_heads", config.decoder_heads, 1, kMaxWidth);
    config.head_channels = given.whole("head_channels", config.head_channels, 1, kMaxWidth);
    config.head_width = given.whole("head_width", config.head_width, 1, kMaxWidth);
    check_sizes(given, config);
}

}  // namespace

SpectralGptConfig parse_spectral_gpt(const std::string& json, const std::string& where,
                                     const SpectralGptFallback& fallback) {
    const Parameters given(json, where,
                           {"task",          "side",          "bands",      "patch",      "group",
                            "size",          "embed",         "depth",      "heads",      "decoder_embed",
                            "decoder_depth", "decoder_heads", "mask_ratio", "pos_embed",  "norm_pix_loss",
                            "legacy_pool",   "multi_label",   "classes",    "head_width", "head_channels"});
    SpectralGptConfig config;
    config.task = given.one_of("task", fallback.task.empty() ? config.task : fallback.task, kTasks);
    if (!fallback.task.empty() && config.task != fallback.task)
        given.refuse("task", "is " + config.task + ", but the card's task is " + fallback.task);
    read_sizes(given, config);
    config.mask_ratio = given.has("mask_ratio") ? given.fraction("mask_ratio") : config.mask_ratio;
    config.norm_pix_loss = given.flag("norm_pix_loss", config.norm_pix_loss);
    config.pos_embed = given.one_of("pos_embed", config.pos_embed, {"auto", "separable", "full"});
    config.legacy_pool = given.flag("legacy_pool", config.legacy_pool);
    config.multi_label = given.flag("multi_label", config.multi_label);
    if (config.multi_label && config.task != "classification")
        given.refuse("multi_label", "is for task classification, not " + config.task);
    if (config.pos_embed == "full" && config.task != "classification")
        given.refuse("pos_embed", "must be separable for task " + config.task);
    config.classes = classes_of(given, config, fallback.classes);
    return config;
}

SpectralGptConfig spectral_gpt_config(const ModelCard& card) {
    SpectralGptFallback said;
    if (card.task == Task::classification || card.task == Task::labels) said.task = "classification";
    if (card.task == Task::segmentation) said.task = "segmentation";
    if (card.task == Task::change) said.task = "change";
    if (card.task == Task::detection)
        throw Error(Code::model,
                    card.file + ": task: spectral_gpt does classification, labels, segmentation or change");
    said.classes = static_cast<int>(card.classes.size());
    const auto config = parse_spectral_gpt(card.parameters, card.file, said);
    if (config.task == "pretraining")
        throw Error(Code::model, card.file +
                                     ": parameters.task: a pretrained encoder predicts nothing; fine-tune it "
                                     "to classification, segmentation or change first");
    const auto agree = [&](const char* key, int ours, std::size_t listed) {
        if (listed > 0 && static_cast<std::size_t>(ours) != listed)
            throw Error(Code::model, card.file + ": parameters." + key + ": asks for " +
                                         std::to_string(ours) + ", but the card lists " +
                                         std::to_string(listed) + " " + key);
    };
    // A card's steps may change the bands that it lists, as append_mean does.
    const bool changes_bands = std::any_of(card.prepare.begin(), card.prepare.end(), [](const auto& step) {
        return step.name == "append_mean" || step.name == "select" || step.name == "preset";
    });
    if (!changes_bands) agree("bands", config.input_bands(), card.bands.size());
    agree("classes", config.classes, card.classes.size());
    return config;
}

// What the kernels' Memory holds, what stands before and behind them, and a share on the safe side (measured
// of the Base networks: 55 and 66 MiB a tile, of 90 and 101).
std::size_t SpectralGptConfig::workspace_bytes_per_pixel() const {
    const double pixels = static_cast<double>(side) * side;
    const double encoder = (10.0 + 4.0 * dates()) * tokens() * embed / pixels;
    const double head = dense() ? head_width * 2.5 + head_channels * 0.05 + classes * 200.0 / side : 0;
    return static_cast<std::size_t>((encoder + head) * sizeof(float));
}

double SpectralGptConfig::parameter_count() const {
    const double E = embed, T = groups(), L = positions(), c = head_channels, w = head_width;
    const double tables = pos_embed == "full" ? T * L * E : (T + L) * E;
    const double encoder = tables + (token_values() + 1) * E + depth * (12 * E * E + 13 * E) + 2 * E;
    if (task == "classification") return encoder + (E + 1) * classes;
    const double scales = 2 * c * E + 4 * c * c;
    const double joined = 5.875 * c * w + 12 * w * w + 9 * w * classes;
    return dense() ? encoder + scales + joined : encoder;
}

double SpectralGptConfig::macs_per_pixel() const {
    const double E = embed, N = tokens(), c = head_channels, w = head_width;
    double macs = dates() * N * (token_values() * E + depth * (12 * E * E + 2 * N * E));
    if (dense()) {  // Maps of 1, 4, 16 and 64 pixels per position.
        const double scales = 2 * c * E + 4 * c * c;
        const double joined = 15 * c * w + 174 * w * w + 64 * 9 * w * classes;
        macs += positions() * (scales + joined);
    }
    return macs / side / side;
}

std::string to_json(const SpectralGptConfig& c) {
    return nlohmann::json{{"task", c.task},
                          {"side", c.side},
                          {"bands", c.bands},
                          {"patch", c.patch},
                          {"group", c.group},
                          {"embed", c.embed},
                          {"depth", c.depth},
                          {"heads", c.heads},
                          {"decoder_embed", c.decoder_embed},
                          {"decoder_depth", c.decoder_depth},
                          {"decoder_heads", c.decoder_heads},
                          {"mask_ratio", c.mask_ratio},
                          {"norm_pix_loss", c.norm_pix_loss},
                          {"pos_embed", c.pos_embed},
                          {"legacy_pool", c.legacy_pool},
                          {"multi_label", c.multi_label},
                          {"classes", c.classes},
                          {"head_channels", c.head_channels},
                          {"head_width", c.head_width}}
        .dump();
}

}  // namespace spectile::entries
