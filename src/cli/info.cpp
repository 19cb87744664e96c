#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/declare.hpp"
#include "cli/known.hpp"
#include "models/entries/registry.hpp"
#include "pipeline/model_card.hpp"
#include "products/record.hpp"
#include "raster/scene_info.hpp"

namespace spectile::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct InfoArguments {
    std::string name;
    std::vector<std::string> open_options;
};

bool is_model(const std::string& name) {
    std::error_code ignored;
    return fs::is_directory(name, ignored) ? fs::exists(fs::path(name) / "model.yaml", ignored)
                                           : fs::path(name).filename() == "model.yaml";
}

void show_model(const std::string& name, const Console& console) {
    const auto card = read_model_card(name, known_names());
    const auto traits = traits_of(card);
    Json document = Json::parse(card.canonical);
    document["traits"] = {{"channels", traits.channels},     {"tile", traits.tile},
                          {"fixed_tile", traits.fixed_tile}, {"halo", traits.halo},
                          {"local", traits.local},           {"flops_per_pixel", traits.flops_per_pixel}};
    // A TorchScript network is a program; everything else in a model folder is data.
    const bool runs_code = card.architecture == "torchscript";
    document["runs_code"] = runs_code;
    console.print_json(document);
    console.print(fmt::format("{}: {}\narchitecture {}, tile {}, halo {}, {}", card.name, card.summary,
                              card.architecture, traits.tile, traits.halo,
                              traits.local ? "tiled equals untiled" : "defined on its tile"));
    if (runs_code) console.print("weights: network.pt is CODE and runs only if its SHA-256 is the card's");
    if (!card.bands.empty())
        console.print(fmt::format("bands: {}, matched by {}", card.bands.size(), card.matching.by));
    for (const auto& info : card.classes) console.print(fmt::format("  {:>4}  {}", info.value, info.name));
    if (!card.licence.empty()) console.print("licence: " + card.licence);
    if (card.accuracy != "{}") console.print("accuracy: " + card.accuracy);
}

void show_raster(const InfoArguments& arguments, const Console& console) {
    const bool is_product = fs::exists(products::record_path(arguments.name));
    if (!console.json) {
        console.print(scene_info_text(arguments.name, arguments.open_options));
        if (is_product) {
            const auto record = products::read_record(arguments.name);
            console.print(fmt::format("product: {}, recipe {}, {} blocks; spectile verify checks it",
                                      record.kind, record.recipe, record.blocks.size()));
        }
        return;
    }
    auto document = Json::parse(scene_info_json(arguments.name, arguments.open_options));
    if (is_product)
        document["product"] = Json::parse(products::to_json(products::read_record(arguments.name)));
    console.print_json(document);
}

}  // namespace

Action declare_info(CLI::App& app, Console& console) {
    auto arguments = std::make_shared<InfoArguments>();
    app.add_option("NAME", arguments->name, "A scene, a model folder or a product")->required();
    app.add_option("--oo", arguments->open_options, "Open option of the scene's driver; may be repeated")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
    return [arguments, &console] {
        if (is_model(arguments->name))
            show_model(arguments->name, console);
        else
            show_raster(*arguments, console);
        return 0;
    };
}

}  // namespace spectile::cli
