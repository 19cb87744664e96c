// TorchScript: a network exported as code and weights in one file. It is code, so it runs only if its SHA-256
// stands in the card; everything that the plan must know of it is declared there too.
#include "models/entries/parameters.hpp"
#include "models/entries/torchscript_config.hpp"
#include "spectile/error.hpp"
#include "spectile/model.hpp"

namespace spectile {
namespace {

constexpr int kTile = 256, kMaxTile = 65536, kMaxHalo = 4096, kMaxChannels = 65536;
// No card can say what a network holds in between; this many times its input is assumed.
constexpr std::size_t kWorkspaceCubes = 16;

void require_fixed_size(const entries::Parameters& given, const entries::TorchscriptConfig& config) {
    if (config.rows != 0 && !config.fixed_tile)
        given.refuse("fixed_tile", "must be true where input says rows and cols");
    if (!config.fixed_tile) return;
    const int side = config.tile + 2 * config.halo;
    if (config.rows > 0 && (config.rows != side || config.cols != side))
        given.refuse("input", "rows and cols must be tile + 2*halo = " + std::to_string(side));
}

ModelTraits traits(const ModelCard& card) {
    const auto config = entries::torchscript_config(card);
    ModelTraits out;
    out.task = card.task;
    out.bands = config.bands;
    out.channels = config.channels;
    out.tile = config.tile;
    out.fixed_tile = config.fixed_tile;
    out.halo = config.halo;
    out.local = config.local;
    out.blend = config.local ? Blend::none : Blend::feather;
    const std::size_t bands = config.bands > 0 ? static_cast<std::size_t>(config.bands) : card.bands.size();
    out.workspace_bytes_per_pixel =
        kWorkspaceCubes * sizeof(float) * (bands + static_cast<std::size_t>(config.channels));
    return out;
}

}  // namespace

namespace entries {

TorchscriptConfig torchscript_config(const ModelCard& card) {
    const Parameters given(
        card.parameters, card.file,
        {"channels", "input", "tile", "halo", "crop", "local", "fixed_tile", "activation"});
    TorchscriptConfig config;
    const auto input = given.whole_list("input", 3, 0, kMaxTile);
    if (!input.empty()) config.bands = input[0], config.rows = input[1], config.cols = input[2];
    const int listed = static_cast<int>(card.bands.size());
    if (config.bands > 0 && listed > 0 && config.bands != listed)
        given.refuse("input", "has " + std::to_string(config.bands) + " bands, but the card lists " +
                                  std::to_string(listed));
    if (config.bands == 0) config.bands = listed;
    const int classes = static_cast<int>(card.classes.size());
    if (!given.has("channels") && classes == 0) given.refuse("channels", "is missing");
    config.channels = given.whole("channels", classes, 1, kMaxChannels);
    config.halo = given.whole("halo", card.halo.value_or(0), 0, kMaxHalo);
    if (card.halo && *card.halo != config.halo) given.refuse("halo", "differs from the card's own halo");
    config.crop = given.whole("crop", 0, 0, config.halo);
    config.local = given.flag("local", false);
    config.fixed_tile = given.flag("fixed_tile", config.rows > 0);
    const int preferred = config.rows > 0 ? config.rows - 2 * config.halo : card.tile > 0 ? card.tile : kTile;
    if (preferred < 1) given.refuse("input", "is not larger than two halos");
    config.tile = given.whole("tile", preferred, 1, kMaxTile);
    if (card.tile > 0 && card.tile != config.tile) given.refuse("tile", "differs from the card's own tile");
    config.activation = given.one_of("activation", "none", {"none", "softmax", "sigmoid"});
    require_fixed_size(given, config);
    return config;
}

}  // namespace entries

ModelEntry torchscript() {
    return {.name = "torchscript", .summary = "Runs an exported TorchScript network.", .traits = traits};
}

}  // namespace spectile
