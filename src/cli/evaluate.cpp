#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/declare.hpp"
#include "evaluate/evaluate_raster.hpp"

namespace spectile::cli {

Action declare_evaluate(CLI::App& app, Console& console) {
    auto evaluation = std::make_shared<evaluate::RasterEvaluation>();
    app.add_option("PRODUCT", evaluation->product, "Class map")->required()->type_name("FILE");
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
    return [evaluation, &console] {
        const auto accuracy = evaluate::evaluate_raster(*evaluation);
        console.print_json(nlohmann::ordered_json::parse(evaluate::to_json(accuracy)));
        console.print(evaluate::to_text(accuracy));
        return 0;
    };
}

}  // namespace spectile::cli
