#include "cli/run_report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "spectile/error.hpp"

namespace spectile::cli {

namespace {

nlohmann::ordered_json scenes_json(const RunReport& report) {
    auto out = nlohmann::ordered_json::array();
    for (const auto& scene : report.scenes)
        out.push_back({{"scene", scene.scene},
                       {"state", scene.state},
                       {"status", scene.status},
                       {"message", scene.message},
                       {"products", scene.products},
                       {"pixels_valid", scene.pixels_valid},
                       {"seconds", scene.seconds}});
    return out;
}

/// Says which scenes failed; the status of the first, 0 where none did.
int show_failed_scenes(const RunReport& report, Console& console) {
    int status = 0;
    std::size_t failed = 0;
    for (const auto& scene : report.scenes) {
        if (scene.state != "failed") continue;
        ++failed;
        if (status == 0) status = scene.status;
        console.fault("failed scene: " + (scene.message.starts_with(scene.scene) ? "" : scene.scene + ": ") +
                      scene.message);
    }
    if (failed > 0)
        console.note(
            fmt::format("{} of {} scenes failed; the others are done, and the same command tries these again",
                        failed, report.scenes.size()));
    return status;
}

}  // namespace

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
    if (!report.scenes.empty()) document["scenes"] = scenes_json(report);
    console.print_json(document);
    for (const auto& product : report.products) console.print(product);
    if (report.already_done) {
        console.note("already there with the same recipe; nothing to do");
        return 0;
    }
    console.note(fmt::format("{} parts ({} from before), {} tiles ({} empty), {} valid pixels in {:.1f} s",
                             report.parts, report.parts_reused, report.tiles, report.tiles_empty,
                             report.pixels_valid, report.seconds));
    if (const int status = show_failed_scenes(report, console)) return status;
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
