#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/declare.hpp"
#include "core/text_file.hpp"
#include "evaluate/evaluate_map.hpp"
#include "evaluate/evaluate_targets.hpp"
#include "products/accuracy_report.hpp"
#include "raster/label_features.hpp"

namespace spectile::cli {
namespace {

struct TargetArguments {
    bool on = false;
    evaluate::TargetEvaluation evaluation;
};

void declare_targets(CLI::App& app, TargetArguments& targets) {
    auto* on =
        app.add_flag("--targets", targets.on,
                     "Judge detections: PRODUCT is a mask or scores, TRUTH a mask; or folders of them");
    app.add_option("--truth-suffix", targets.evaluation.truth_suffix,
                   "Of folders: what follows a product's stem in the name of its truth")
        ->type_name("TEXT")
        ->needs(on);
    app.add_option("--size", targets.evaluation.size,
                   "Bring both to squares of this side first, as some authors do (256); else full size")
        ->type_name("PIXELS")
        ->check(CLI::Range(8, 65536))
        ->needs(on);
    app.add_option("--threshold", targets.evaluation.threshold, "Scores above it are targets")
        ->type_name("VALUE")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str()
        ->needs(on);
}

/// What is compared.
void declare_maps(CLI::App& app, evaluate::MapEvaluation& evaluation) {
    app.add_option("PRODUCT", evaluation.product,
                   "Class map: raster, or vector with classes; with --targets a mask or scores, or a folder")
        ->required()
        ->type_name("FILE");
    app.add_option("TRUTH", evaluation.truth.path, "Raster or vector with the true classes, on any grid")
        ->required()
        ->type_name("FILE");
    app.add_option("--attribute", evaluation.truth.attribute,
                   "Of a vector: the field with class value or name")
        ->type_name("FIELD");
    app.add_option("--product-attribute", evaluation.attribute, "The same of a vector product")
        ->type_name("FIELD");
    app.add_flag("--features", evaluation.features,
                 "Of a vector truth: each feature counts once, by the class of most of its pixels");
}

/// Which of its pixels count.
void declare_places(CLI::App& app, evaluate::MapEvaluation& evaluation) {
    app.add_option("--ignore", evaluation.truth.ignore, "Value of the truth that means unlabelled")
        ->type_name("VALUE")
        ->capture_default_str();
    app.add_option("--mask", evaluation.mask, "Judge only here: raster (not 0) or vector (inside)")
        ->type_name("FILE");
    auto* size =
        app.add_option("--tile-size", evaluation.tile_size, "Side of the squares that --tiles counts")
            ->type_name("PIXELS")
            ->check(CLI::Range(1, 1 << 20));
    app.add_option("--tiles", evaluation.tiles, "Judge only these squares, row by row from 0")
        ->type_name("N,N,...")
        ->delimiter(',')
        ->needs(size);
}

int judge_targets(const evaluate::MapEvaluation& named, TargetArguments& targets, Console& console) {
    targets.evaluation.product = named.product;
    targets.evaluation.truth = named.truth.path;
    const auto result = evaluate::evaluate_targets(targets.evaluation);
    console.print_json(nlohmann::ordered_json::parse(evaluate::to_json(result)));
    console.print(evaluate::to_text(result));
    return 0;
}

void write_page(const evaluate::MapEvaluation& evaluation, const std::string& accuracy,
                const std::string& html) {
    if (html.empty()) return;
    write_text_file(html, products::accuracy_html({.product = evaluation.product,
                                                   .truth = evaluation.truth.path,
                                                   .accuracy = accuracy,
                                                   .raster = !are_vector_labels(evaluation.product)}));
}

}  // namespace

Action declare_evaluate(CLI::App& app, Console& console) {
    auto evaluation = std::make_shared<evaluate::MapEvaluation>();
    auto html = std::make_shared<std::string>();
    auto targets = std::make_shared<TargetArguments>();
    declare_targets(app, *targets);
    declare_maps(app, *evaluation);
    app.add_option("--html", *html, "Write the figures as a page too")->type_name("FILE");
    declare_places(app, *evaluation);
    return [evaluation, targets, html, &console] {
        if (targets->on) return judge_targets(*evaluation, *targets, console);
        const auto result = evaluate::evaluate_map(*evaluation);
        const auto json = evaluate::to_json(result);
        write_page(*evaluation, json, *html);
        console.print_json(nlohmann::ordered_json::parse(json));
        console.print(evaluate::to_text(result));
        return 0;
    };
}

}  // namespace spectile::cli
