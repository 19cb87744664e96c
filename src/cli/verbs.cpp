#include <CLI/CLI.hpp>

#include "cli/declare.hpp"

namespace spectile::cli {

const std::vector<Verb>& verbs() {
    static const std::vector<Verb> table = {
        {"run", "Compute what is missing of a pipeline, then publish its products", declare_run},
        {"init", "Write a commented pipeline that fits a scene", declare_init},
        {"plan", "What a run would do, and what it would cost", declare_plan},
        {"classify", "Class map of one or more scenes, without a pipeline file", declare_classify},
        {"segment", "The same with a model for segmentation", declare_segment},
        {"detect", "Small targets as features, without a pipeline file", declare_detect},
        {"label", "A label for each tile, as features and as a coarse raster, without a pipeline file",
         declare_label},
        {"change", "Map of change between two dates, without a pipeline file", declare_change},
        {"merge", "Publish from finished parts, without computing", declare_merge},
        {"submit", "Write, and hand over, the jobs of a cluster's scheduler", declare_submit},
        {"status", "How far a run is, across its shards, while it goes", declare_status},
        {"info", "What a scene, a model or a product is", declare_info},
        {"models", "The models that are installed, and the architectures known", declare_models},
        {"train", "Train or fine-tune a model", declare_train},
        {"evaluate", "Accuracy of a product against a truth", declare_evaluate},
        {"verify", "Check a product against its own record", declare_verify},
        {"seams", "How far tiles lie from one tile over all, for a model's card", declare_seams},
        {"convert", "Bring in a checkpoint that PyTorch saved, or a STAC item, as a model folder",
         declare_convert},
        {"bench", "Speed of this machine, kept for plan", declare_bench},
    };
    return table;
}

void declare_output(CLI::App& app, Console& console) {
    const char* group = "Output";
    app.add_flag("-q,--quiet", console.quiet, "Errors only on standard error")->group(group);
    app.add_flag("-v,--verbose", console.verbose, "Details, and what a library said")->group(group);
    app.add_flag("--json", console.json, "One JSON document on standard output")->group(group);
}

}  // namespace spectile::cli
