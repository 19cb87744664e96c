#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/declare.hpp"
#include "cli/known.hpp"
#include "cli/model_stac.hpp"
#include "core/text_file.hpp"
#include "models/entries/registry.hpp"
#include "pipeline/model_card.hpp"
#include "pipeline/paths.hpp"
#include "raster/scene_info.hpp"
#include "spectile/error.hpp"

namespace spectile::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct InfoArguments {
    std::string name;
    std::vector<std::string> open_options;
    std::string stac;
};

bool is_model(const std::string& name) {
    std::error_code ignored;
    return fs::is_directory(name, ignored) ? fs::exists(fs::path(name) / "model.yaml", ignored)
                                           : fs::path(name).filename() == "model.yaml";
}

/// A line for each set of pixels or images that the card has figures of; matrices and lists by class are in
/// the JSON and in reports.
std::vector<std::string> accuracy_lines(const Json& accuracy) {
    std::vector<std::string> lines;
    for (const auto& [set, figures] : accuracy.items()) {
        std::string line;
        if (!figures.is_object()) continue;
        for (const auto& [name, value] : figures.items())
            if (value.is_number())
                line += fmt::format("{} {} {:.6g}", line.empty() ? "" : ",", name, value.get<double>());
        if (!line.empty()) lines.push_back("accuracy on " + set + ":" + line);
    }
    return lines;
}

/// Keys as `spectile seams --store` writes them; the card's author may have written others.
std::string seams_line(const Json& seams) {
    const auto figure = [&](const char* where, const char* what) -> std::string {
        const auto part = seams.find(where);
        if (part == seams.end() || !part->is_object()) return "unknown";
        const auto value = part->value(what, Json());
        return value.is_number() ? fmt::format("{:.3g}", value.get<double>()) : "unknown";
    };
    return fmt::format("seams: tiles of {} against {}: mean {}, largest {}; beside seams {} and {}",
                       seams.value("tile", Json()).dump(),
                       seams.value("against", std::string("one tile over all")), figure("all", "mean"),
                       figure("all", "largest"), figure("near", "mean"), figure("near", "largest"));
}

Json traits_json(const ModelTraits& traits) {
    return {{"channels", traits.channels},     {"tile", traits.tile},
            {"fixed_tile", traits.fixed_tile}, {"halo", traits.halo},
            {"local", traits.local},           {"flops_per_pixel", traits.flops_per_pixel}};
}

std::string traits_line(const ModelTraits& traits) {
    return fmt::format("tile {}, halo {}, {}", traits.tile, traits.halo,
                       traits.local ? "tiled equals untiled" : "defined on its tile");
}

void show_model(const std::string& folder, const Console& console) {
    const auto card = read_model_card(folder, known_names());
    // It makes no map, and so has no traits.
    const bool pretrained = Json::parse(card.parameters).value("task", "") == "pretraining";
    Json document = Json::parse(card.canonical);
    if (!pretrained) document["traits"] = traits_json(traits_of(card));
    const auto& summary =
        card.summary.empty() ? model_entry(card.architecture, card.file).summary : card.summary;
    // A TorchScript network is a program; everything else in a model folder is data.
    const bool runs_code = card.architecture == "torchscript";
    document["runs_code"] = runs_code;
    console.print_json(document);
    console.print(fmt::format("{}: {}\narchitecture {}, {}", card.name, summary, card.architecture,
                              pretrained ? "pretrained: the `start` of trainings, makes no map itself"
                                         : traits_line(traits_of(card))));
    if (runs_code) console.print("weights: network.pt is CODE and runs only if its SHA-256 is the card's");
    if (!card.bands.empty())
        console.print(fmt::format("bands: {}, matched by {}", card.bands.size(), card.matching.by));
    for (const auto& info : card.classes) console.print(fmt::format("  {:>4}  {}", info.value, info.name));
    if (!card.licence.empty()) console.print("licence: " + card.licence);
    if (card.seams != "{}") console.print(seams_line(Json::parse(card.seams)));
    for (const auto& line : accuracy_lines(Json::parse(card.accuracy))) console.print(line);
}

void export_model(const std::string& model, const std::string& path, const Console& console) {
    if (!is_model(model))
        throw Error(Code::usage, model +
                                     ": is no model; --stac is for models, and the products of a run have "
                                     "theirs from products.stac");
    const auto card = read_model_card(model, known_names());
    write_model_stac(card, traits_of(card), path);
    console.print_json({{"model", card.name}, {"item", path}});
    console.print(path + ": STAC item of " + card.name);
}

void show_raster(const InfoArguments& arguments, const Console& console) {
    const std::string record = arguments.name + ".spectile.json";
    Json product;
    if (fs::exists(record))
        product = Json::parse(read_text_file(record), nullptr, /*allow_exceptions=*/false);
    if (console.json) {
        auto document = Json::parse(scene_info_json(arguments.name, arguments.open_options));
        if (product.is_object()) document["product"] = product;
        console.print_json(document);
        return;
    }
    console.print(scene_info_text(arguments.name, arguments.open_options));
    if (product.is_object())
        console.print(fmt::format("product: {}, recipe {}; spectile verify checks it",
                                  product.value("kind", "?"), product.value("recipe", "?")));
}

}  // namespace

Action declare_info(CLI::App& app, Console& console) {
    auto arguments = std::make_shared<InfoArguments>();
    app.add_option("NAME", arguments->name,
                   "A scene, a model (folder, or name of an installed one) or a product")
        ->required();
    app.add_option("--oo", arguments->open_options, "Open option of the scene's driver; may be repeated")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
    app.add_option("--stac", arguments->stac, "Write the model as a STAC item with the MLM extension")
        ->type_name("FILE");
    return [arguments, &console] {
        const auto model = definition::find_model(arguments->name, "");
        if (!arguments->stac.empty())
            export_model(model, arguments->stac, console);
        else if (is_model(model))
            show_model(model, console);
        else
            show_raster(*arguments, console);
        return 0;
    };
}

}  // namespace spectile::cli
