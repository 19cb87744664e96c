#include "cli/run_report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "spectile/error.hpp"

namespace spectile::cli {

int show_report(const RunReport& report, Console& console) {
    for (const auto& warning : report.warnings) console.note("warning: " + warning);
    nlohmann::ordered_json document = {{"products", report.products},
                                       {"already_done", report.already_done},
                                       {"tiles", report.tiles},
                                       {"tiles_empty", report.tiles_empty},
                                       {"parts", report.parts},
                                       {"parts_reused", report.parts_reused},
                                       {"pixels_valid", report.pixels_valid},
                                       {"seconds", report.seconds},
                                       {"stage_seconds", report.stage_seconds},
                                       {"warnings", report.warnings},
                                       {"marked", report.marked}};
    console.print_json(document);
    for (const auto& product : report.products) console.print(product);
    if (report.already_done) {
        console.note("already there with the same recipe; nothing to do");
        return 0;
    }
    console.note(fmt::format("{} parts ({} from before), {} tiles ({} empty), {} valid pixels in {:.1f} s",
                             report.parts, report.parts_reused, report.tiles, report.tiles_empty,
                             report.pixels_valid, report.seconds));
    for (const auto& [stage, seconds] : report.stage_seconds)
        console.detail(fmt::format("  {:<10} {:8.2f} s of threads", stage, seconds));
    if (report.marked.empty()) return 0;
    for (const auto& line : report.marked) console.note("failed tile: " + line);
    console.note(
        fmt::format("{} tiles could not be read and are nodata; run the same command again to try them",
                    report.marked.size()));
    return exit_code(Code::marked);
}

}  // namespace spectile::cli
