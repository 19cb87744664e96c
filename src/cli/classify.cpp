#include <CLI/CLI.hpp>
#include <memory>

#include "cli/declare.hpp"
#include "cli/one_line.hpp"
#include "cli/process.hpp"
#include "cli/run_report.hpp"
#include "run/run_pipeline.hpp"

namespace spectile::cli {

Action declare_classify(CLI::App& app, Console& console) {
    auto line = std::make_shared<OneLine>();
    declare_one_line(app, *line, "class_map", {"confidence", "probabilities", "report"});
    return [line, &console] {
        const Pipeline pipeline = pipeline_of(*line, "classify");
        listen_for_signals();
        show_report(run::run_pipeline(pipeline, run_options(line->flags, console)), console);
        return 0;
    };
}

}  // namespace spectile::cli
