#include "run/work_directory.hpp"

#include <filesystem>
#include <vector>

#include "core/ledger.hpp"
#include "core/text_file.hpp"
#include "spectile/error.hpp"

namespace spectile::run {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json run_components(const Job& job, const Recipe& recipe) {
    json components = recipe.components;
    components["parts"] = {job.plan.parts.part_width, job.plan.parts.part_height};
    json paths = json::array();
    for (const auto& raster : job.rasters) paths.push_back(raster.definition.path);
    components["product paths"] = paths;
    return components;
}

void refuse_other_run(const std::string& path, const json& before, const json& now) {
    const std::string changed = differences(before, now);
    if (changed.empty()) return;
    if (changed == "instructions")
        throw Error(Code::device, path + ": was begun at instruction level " +
                                      before.at("instructions").get<std::string>() +
                                      ", this process runs at " + now.at("instructions").get<std::string>() +
                                      "; pin the level with --instructions, or start over with --restart");
    throw OtherRun(Code::definition, path + ": holds parts of another run; changed: " + changed +
                                         "; start over with --restart, or choose another --work");
}

/// Leftovers never block a new run, so a folder that will not go is no failure. The file that says whose
/// folder this is goes last: where the removal is cut off, the next run can tell and end it.
void remove_folder(const std::string& path) {
    std::error_code error;
    std::vector<fs::path> items;
    for (const auto& item : fs::directory_iterator(path, error))
        if (item.path().filename() != "run.json") items.push_back(item.path());
    for (const auto& item : items) fs::remove_all(item, error);
    fs::remove_all(path, error);
}

}  // namespace

std::string WorkDirectory::path_for(const Job& job, const RunOptions& options) {
    if (!options.work.empty()) return fs::absolute(options.work).lexically_normal().string();
    const fs::path first =
        !job.rasters.empty() ? job.rasters.front().definition.path : job.others.front().path;
    return (fs::absolute(first).parent_path() / ("." + first.filename().string() + ".spectile"))
        .lexically_normal()
        .string();
}

WorkDirectory::WorkDirectory(std::string path, const Job& job, const Recipe& recipe, bool restart)
    : path_(std::move(path)) {
    const std::string run_file = path_ + "/run.json";
    std::error_code error;
    if (restart) fs::remove_all(path_, error);
    fs::create_directories(path_ + "/parts", error);
    if (error)
        throw Error(error == std::errc::permission_denied || error == std::errc::read_only_file_system
                        ? Code::permission
                        : Code::publish,
                    path_ + ": the work directory cannot be made: " + error.message() +
                        "; choose another with --work");
    const json now = run_components(job, recipe);
    if (fs::exists(run_file)) {
        const json before = json::parse(read_text_file(run_file), nullptr, false);
        // A scene that was still being copied is whole now; where nothing is finished nothing can be mixed
        // up.
        const bool begins_anew =
            before.is_object() && differences(before, now) == "inputs" && Ledger(path_).parts().empty();
        if (before.is_object() && !begins_anew) {
            refuse_other_run(path_, before, now);
            return;
        }
    }
    write_text_file(run_file, now.dump(1) + "\n");
}

void WorkDirectory::tidy(const std::string& path, const Job& job, const Recipe& recipe) {
    std::error_code error;  // What does not go is no failure.
    const std::string run_file = path + "/run.json";
    if (fs::exists(run_file, error)) {
        const json before = json::parse(read_text_file(run_file), nullptr, false);
        if (!before.is_object() || !differences(before, run_components(job, recipe)).empty()) return;
        remove_folder(path);
    } else if (fs::is_empty(path, error) && !error) {
        fs::remove(path, error);
    }
}

void WorkDirectory::remove() const { remove_folder(path_); }

}  // namespace spectile::run
