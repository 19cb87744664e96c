#include <fmt/format.h>
#include <sys/wait.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/declare.hpp"
#include "cli/pipeline_arguments.hpp"
#include "cluster/job_files.hpp"
#include "core/text_file.hpp"
#include "run/make_manifest.hpp"
#include "spectile/error.hpp"

namespace spectile::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct SubmitArguments {
    PipelineArguments pipeline;
    std::string to, site, folder, time;
    int shards = 1, throttle = 0;
    bool now = false;
};

/// Options that are each job's own, or that submit itself has answered.
bool is_handed_on(const CLI::Option& option) {
    static const std::array kOwn = {"--shard",  "--manifest", "--device",     "--threads",
                                    "--status", "--work",     "--time-limit", "--restart"};
    const auto& group = option.get_group();
    return option.count() > 0 && (group == "Run" || group == "As in gdal raster") &&
           std::find(kOwn.begin(), kOwn.end(), option.get_name()) == kOwn.end() &&
           option.get_name() != "--grace";
}

/// The options of this command line that decide the run, as words for its jobs.
std::vector<std::string> handed_on(const CLI::App& app) {
    std::vector<std::string> words;
    for (const auto* option : app.get_options()) {
        if (!is_handed_on(*option)) continue;
        const std::string name = "--" + option->get_lnames().front();
        if (option->get_items_expected_max() == 0) {
            words.push_back(name);
        } else if (option->get_delimiter() == ',') {
            words.push_back(name + "=" + CLI::detail::join(option->results(), ","));
        } else {
            for (const auto& value : option->results()) words.push_back(name + "=" + value);
        }
    }
    return words;
}

std::string absolute(const std::string& path) { return fs::absolute(path).lexically_normal().string(); }

cluster::JobRequest make_request(const SubmitArguments& arguments, const CLI::App& app, Console& console) {
    const auto& flags = arguments.pipeline.flags;
    cluster::JobRequest request;
    if (!arguments.site.empty()) request.site = read_site(arguments.site);
    request.pipeline = absolute(arguments.pipeline.file);
    request.name = fs::path(request.pipeline).stem().string();
    request.folder =
        absolute(arguments.folder.empty()
                     ? (fs::path(request.pipeline).parent_path() / (request.name + ".jobs")).string()
                     : arguments.folder);
    request.options = handed_on(app);
    request.device = app.count("--device") > 0 ? flags.options.device : "";
    request.throttle = arguments.throttle > 0 ? arguments.throttle : request.site.throttle;
    if (!arguments.time.empty()) request.time_s = parse_duration("--time", arguments.time);
    const Pipeline pipeline = pipeline_of(arguments.pipeline);
    auto options = run_options(flags, console);
    if (!flags.only.empty())
        throw Error(Code::usage,
                    "--only " + flags.only +
                        ": jobs share out all scenes; what is done with the same recipe is passed over");
    if (pipeline.scenes.size() > 1) {
        request.manifest = run::plan_scenes(pipeline, options, arguments.shards);
        return request;
    }
    if (options.manifest.empty()) options.manifest = request.folder + "/manifest.json";
    options.manifest = absolute(options.manifest);
    auto planned = run::plan_shards(pipeline, options, arguments.shards);
    for (const auto& warning : planned.warnings) console.note("warning: " + warning);
    request.manifest = std::move(planned.manifest);
    request.manifest.file = options.manifest;
    return request;
}

/// Writes what is to be handed over; an older file of the same name gives way, whole.
std::vector<std::string> write_files(const cluster::JobRequest& request,
                                     const std::vector<cluster::JobFile>& files) {
    std::error_code failed;
    fs::create_directories(request.folder + "/logs", failed);
    if (failed)
        throw Error(Code::publish, request.folder + ": the folder of the jobs cannot be made: " +
                                       failed.message() + "; choose another with --jobs");
    std::vector<std::string> out;
    if (!request.manifest.file.empty()) {
        write_text_file(request.manifest.file, cluster::manifest_text(request.manifest));
        out.push_back(request.manifest.file);
    }
    for (const auto& file : files) {
        const std::string path = request.folder + "/" + file.name;
        write_text_file(path, file.text);
        if (file.program)
            fs::permissions(path, fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec,
                            fs::perm_options::add);
        out.push_back(path);
    }
    return out;
}

/// Runs submit.sh and returns what it said.
std::string hand_over(const std::string& script) {
    const std::string command = cluster::shell_word(script) + " 2>&1";
    std::FILE* pipe = ::popen(command.c_str(), "r");
    if (!pipe) throw Error(Code::internal, script + ": no process can be started");
    std::string said;
    std::array<char, 4096> buffer{};
    while (const auto got = std::fread(buffer.data(), 1, buffer.size(), pipe))
        said.append(buffer.data(), got);
    const int status = ::pclose(pipe);
    if (status == 0) return said;
    const auto last = said.find_last_not_of('\n');
    const auto begin = last == std::string::npos ? 0 : said.rfind('\n', last);
    throw Error(Code::device,
                fmt::format("{}: the scheduler took the jobs not (exit {}): {}", script,
                            WIFEXITED(status) ? WEXITSTATUS(status) : 128,
                            last == std::string::npos
                                ? std::string("nothing was said")
                                : said.substr(begin == std::string::npos ? 0 : begin + 1,
                                              last - (begin == std::string::npos ? 0 : begin + 1) + 1)),
                said);
}

int submit(const SubmitArguments& arguments, const CLI::App& app, Console& console) {
    const auto request = make_request(arguments, app, console);
    const auto files =
        arguments.to == "slurm" ? cluster::slurm_files(request) : cluster::kubernetes_files(request);
    const auto written = write_files(request, files);
    Json document = {{"folder", request.folder},
                     {"manifest", request.manifest.file},
                     {"work", request.manifest.work},
                     {"files", written},
                     {"submitted", nullptr}};
    for (const auto& path : written) console.print(path);
    const std::string script = request.folder + "/submit.sh";
    if (arguments.now) {
        const std::string said = hand_over(script);
        document["submitted"] = said;
        console.print(said);
        if (!request.manifest.work.empty())
            console.note("to look at it: spectile status " + request.manifest.work);
    } else {
        console.note("to hand the jobs over: " + script);
    }
    console.print_json(document);
    return 0;
}

}  // namespace

Action declare_submit(CLI::App& app, Console& console) {
    auto arguments = std::make_shared<SubmitArguments>();
    declare_pipeline(app, arguments->pipeline);
    app.add_option("--to", arguments->to, "slurm or kubernetes")
        ->required()
        ->type_name("SCHEDULER")
        ->check(CLI::IsMember({"slurm", "kubernetes"}));
    app.add_option("--shards", arguments->shards, "Shards to share the parts out over")
        ->required()
        ->type_name("N")
        ->check(CLI::Range(1, 1000000));
    app.add_option("--site", arguments->site, "What the scheduler must be told of this cluster (YAML)")
        ->type_name("FILE");
    app.add_option("--jobs", arguments->folder,
                   "Folder for scripts and logs; else PIPELINE's name with .jobs")
        ->type_name("DIR");
    app.add_option("--throttle", arguments->throttle, "Most shards at once; else the site's")
        ->type_name("N")
        ->check(CLI::Range(1, 1000000));
    app.add_option("--time", arguments->time, "Time of a shard, as 2h; else from the plan or the site")
        ->type_name("TIME");
    app.add_flag("--now", arguments->now, "Hand the jobs over too");
    declare_run_flags(app, arguments->pipeline.flags);
    return [arguments, &app, &console] { return submit(*arguments, app, console); };
}

}  // namespace spectile::cli
