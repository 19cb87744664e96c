#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/declare.hpp"
#include "evaluate/evaluate_raster.hpp"
#include "evaluate/evaluate_targets.hpp"

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
    app.add_option("--threshold", targets.evaluation.threshold, "Scores above it are targets")
        ->type_name("VALUE")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str()
        ->needs(on);
}

}  // namespace

Action declare_evaluate(CLI::App& app, Console& console) {
    auto evaluation = std::make_shared<evaluate::RasterEvaluation>();
    auto targets = std::make_shared<TargetArguments>();
    declare_targets(app, *targets);
    app.add_option("PRODUCT", evaluation->product, "Class map; with --targets a mask or scores, or a folder")
        ->required()
        ->type_name("FILE");
    app.add_option("TRUTH", evaluation->truth.path, "Raster or vector with the true classes, on any grid")
        ->required()
        ->type_name("FILE");
    app.add_option("--attribute", evaluation->truth.attribute,
                   "Of a vector: the field with class value or name")
        ->type_name("FIELD");
    app.add_option("--ignore", evaluation->truth.ignore, "Value of the truth that means unlabelled")
        ->type_name("VALUE")
        ->capture_default_str();
    app.add_option("--mask", evaluation->mask, "Judge only here: raster (not 0) or vector (inside)")
        ->type_name("FILE");
    auto* size =
        app.add_option("--tile-size", evaluation->tile_size, "Side of the squares that --tiles counts")
            ->type_name("PIXELS")
            ->check(CLI::Range(1, 1 << 20));
    app.add_option("--tiles", evaluation->tiles, "Judge only these squares, row by row from 0")
        ->type_name("N,N,...")
        ->delimiter(',')
        ->needs(size);
    return [evaluation, targets, &console] {
        if (targets->on) {
            targets->evaluation.product = evaluation->product;
            targets->evaluation.truth = evaluation->truth.path;
            const auto result = evaluate::evaluate_targets(targets->evaluation);
            console.print_json(nlohmann::ordered_json::parse(evaluate::to_json(result)));
            console.print(evaluate::to_text(result));
            return 0;
        }
        const auto accuracy = evaluate::evaluate_raster(*evaluation);
        console.print_json(nlohmann::ordered_json::parse(evaluate::to_json(accuracy)));
        console.print(evaluate::to_text(accuracy));
        return 0;
    };
}

}  // namespace spectile::cli
