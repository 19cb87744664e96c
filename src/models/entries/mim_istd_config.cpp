#include "models/entries/mim_istd_config.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "models/entries/parameters.hpp"
#include "spectile/error.hpp"

namespace spectile::entries {
namespace {

// Far above any such network; they keep sizes computed from a hostile card within 64 bits.
constexpr int kMaxWidth = 4096, kMaxDepth = 64, kMaxBands = 1024, kMaxTile = 16384;

MimIstdConfig::PerStage per_stage(const Parameters& given, const std::string& key,
                                  MimIstdConfig::PerStage fallback, int high) {
    const auto list = given.whole_list(key, fallback.size(), 1, high);
    if (!list.empty()) std::copy(list.begin(), list.end(), fallback.begin());
    return fallback;
}

/// The widths and depths of the version that the paper's figures were most likely counted on.
void take_preset(const Parameters& given, MimIstdConfig& config) {
    if (given.one_of("preset", "head", {"head", "march-2024"}) == "head") return;
    config.depths = {2, 4, 9, 2};
    config.outer = {16, 32, 64, 128};
}

void check_grid(const Parameters& given, const MimIstdConfig& config) {
    if (config.sentence_px != 4 && config.sentence_px != 8 && config.sentence_px != 16)
        given.refuse("sentence_px", "must be 4, 8 or 16, not " + std::to_string(config.sentence_px));
    if ((config.word_px != 1 && config.word_px != 2 && config.word_px != 4) || config.words_side() < 2 ||
        config.words_side() > 8)
        given.refuse("word_px", "must be 1, 2 or 4 and leave 2 to 8 words along a sentence, not " +
                                    std::to_string(config.word_px));
    if (config.tile % config.multiple() != 0)
        given.refuse("tile", "must be a multiple of " + std::to_string(config.multiple()) + ", not " +
                                 std::to_string(config.tile));
}

}  // namespace

MimIstdConfig parse_mim_istd(const std::string& json, const std::string& where) {
    const Parameters given(json, where,
                           {"layout", "inner", "channels", "bands", "tile", "preset", "depths", "outer",
                            "words", "sentence_px", "word_px", "dropout"});
    MimIstdConfig config;
    config.layout = given.one_of("layout", config.layout, {"official", "spatial"});
    config.inner = given.one_of("inner", config.inner, {"ss2d", "conv", "none"});
    config.channels = given.whole("channels", config.channels, 1, kMaxBands);
    config.bands = given.whole("bands", config.channels, 1, kMaxBands);
    if (config.bands != 1 && config.bands != config.channels)
        given.refuse("bands", "must be 1 (repeated) or as many as channels, " +
                                  std::to_string(config.channels) + ", not " + std::to_string(config.bands));
    config.tile = given.whole("tile", config.tile, 1, kMaxTile);
    take_preset(given, config);
    config.depths = per_stage(given, "depths", config.depths, kMaxDepth);
    config.outer = per_stage(given, "outer", config.outer, kMaxWidth);
    config.words = per_stage(given, "words", config.words, kMaxWidth);
    config.sentence_px = given.whole("sentence_px", config.sentence_px, 1, 64);
    config.word_px = given.whole("word_px", config.word_px, 1, 64);
    config.dropout = given.has("dropout") ? given.fraction("dropout") : config.dropout;
    check_grid(given, config);
    for (int i = 1; i < MimIstdConfig::kStages; ++i)
        if (config.outer[i] != 2 * config.outer[i - 1])
            given.refuse("outer", "must double from stage to stage, as the decoder's patch expanding does");
    for (int i = 1; i < MimIstdConfig::kStages; ++i)
        if (config.words[i] != 2 * config.words[i - 1])
            given.refuse("words", "must double from stage to stage, as merging does");
    if (config.outer[0] % 4 != 0) given.refuse("outer", "must be multiples of 4");
    return config;
}

MimIstdConfig mim_istd_config(const ModelCard& card) {
    auto config = parse_mim_istd(card.parameters, card.file);
    const int listed = static_cast<int>(card.bands.size());
    if (listed > 0 && listed != config.bands)
        throw Error(Code::model, card.file + ": parameters.bands: is " + std::to_string(config.bands) +
                                     ", but the card lists " + std::to_string(listed) + " bands");
    return config;
}

double MimIstdConfig::macs_per_pixel() const {
    double macs = 0;
    double tokens = 1.0 / (sentence_px * sentence_px);
    const double M = words_per_sentence();
    for (int i = 0; i < kStages; ++i, tokens /= 4) {
        const double D = outer[i], C = words[i];
        const auto ss2d = [](double d) {
            return 2 * d * 2 * d + 9 * 2 * d + 2 * d * d + 2 * d * 4 * (d / 16 + 32);
        };
        macs += tokens * depths[i] * (ss2d(D) + 4 * D * D + 18 * D);
        if (has_inner()) macs += tokens * (M * (ss2d(C) + 4 * C * C + 18 * C) + M * C * D);
        macs += tokens * 4 * (D * D + 9 * D * D);       // Up-sampling module.
        if (i > 0) macs += tokens * 4 * D * D;          // Merge and patch expanding.
        if (i < 3) macs += tokens * 4 * 4 * 9 * D * D;  // Decoder's residual blocks.
    }
    const double half = outer[0] / 4.0;
    return macs + 9 * (channels * half + half * half * 2) / (word_px * word_px) + 36 * outer[0] / 4.0;
}

// Grows with the width of the finest maps; what does not grow with the tile is spread over it. 1.2 to 1.7
// times what networks of six shapes took of tiles from 192 to 2048 a side (mim_istd_benchmark --memory ours):
// 38 to 330 bytes a pixel, of which 8 MiB a tile and 1.6 to 2.1 bytes for each of the finest.
std::size_t MimIstdConfig::workspace_bytes_per_pixel() const {
    constexpr double kFixed = 8 << 20;
    const double finest = outer[0] * 64.0 / (sentence_px * sentence_px);
    return static_cast<std::size_t>(10 + 2.5 * finest + kFixed / (1.0 * tile * tile));
}

double MimIstdConfig::state_updates_per_pixel() const {
    double updates = 0;
    double tokens = 1.0 / (sentence_px * sentence_px);
    for (int i = 0; i < kStages; ++i, tokens /= 4) {
        updates += tokens * depths[i] * 4 * kStates * kExpand * outer[i];
        if (inner == "ss2d") updates += tokens * words_per_sentence() * 4 * kStates * kExpand * words[i];
    }
    return updates;
}

std::string to_json(const MimIstdConfig& c) {
    return nlohmann::json{{"layout", c.layout},   {"inner", c.inner},    {"channels", c.channels},
                          {"bands", c.bands},     {"tile", c.tile},      {"depths", c.depths},
                          {"outer", c.outer},     {"words", c.words},    {"sentence_px", c.sentence_px},
                          {"word_px", c.word_px}, {"dropout", c.dropout}}
        .dump();
}

}  // namespace spectile::entries
