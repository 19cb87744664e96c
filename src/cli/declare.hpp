#pragma once

#include "cli/verb.hpp"

namespace spectile::cli {

// One file each, in the order of the table in verbs.cpp. Each adds its arguments and returns what it does.

Action declare_run(CLI::App& app, Console& console);
Action declare_init(CLI::App& app, Console& console);
Action declare_plan(CLI::App& app, Console& console);
Action declare_classify(CLI::App& app, Console& console);
Action declare_segment(CLI::App& app, Console& console);
Action declare_detect(CLI::App& app, Console& console);
Action declare_label(CLI::App& app, Console& console);
Action declare_change(CLI::App& app, Console& console);
Action declare_merge(CLI::App& app, Console& console);
Action declare_submit(CLI::App& app, Console& console);
Action declare_status(CLI::App& app, Console& console);
Action declare_info(CLI::App& app, Console& console);
Action declare_models(CLI::App& app, Console& console);
Action declare_train(CLI::App& app, Console& console);
Action declare_evaluate(CLI::App& app, Console& console);
Action declare_verify(CLI::App& app, Console& console);
Action declare_seams(CLI::App& app, Console& console);
Action declare_convert(CLI::App& app, Console& console);
Action declare_bench(CLI::App& app, Console& console);

}  // namespace spectile::cli
