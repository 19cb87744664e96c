// A whole scene through the engine: where the time goes, what is read, how much memory it takes.
//
//   whole_scene_benchmark PROGRAM SCENE MODEL
//
// Bytes are counted where they are read: our own positional reads, and a counting file system for what GDAL
// reads. The pass for SHA-256 reads every file once more and is not part of these counts.
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <vector>

#include "core/ledger.hpp"
#include "gdal/setup.hpp"
#include "pipeline/one_line.hpp"
#include "raster/byte_count.hpp"
#include "run/audit.hpp"
#include "run/job.hpp"
#include "run/parallel.hpp"
#include "run/statistics.hpp"
#include "run/stream.hpp"
#include "spectile/error.hpp"

namespace {

namespace fs = std::filesystem;
using namespace spectile;
using Clock = std::chrono::steady_clock;
constexpr int kThreads = 2;
constexpr int kRuns = 5;

double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

double mib(std::uint64_t bytes) { return static_cast<double>(bytes) / 1048576.0; }

std::uint64_t bytes_read() { return raw_bytes_read().load() + counted_vsi_bytes_read().load(); }

std::uint64_t bytes_of(const SceneInfo& info) {
    std::uint64_t sum = 0;
    for (const auto& raster : info.rasters)
        sum += fs::file_size(raster.name.substr(raster.name.rfind("//") + 1));
    return sum;
}

struct Process {
    double wall_s = 0, cpu_s = 0, peak_mib = 0;
};

/// The program as users run it. Ends the benchmark where it fails.
Process run(const std::vector<std::string>& arguments) {
    std::vector<char*> words;
    for (const auto& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    const auto begin = Clock::now();
    const pid_t child = ::fork();
    if (child == 0) {
        ::execv(words.front(), words.data());
        ::_exit(127);
    }
    int status = 0;
    rusage usage{};
    ::wait4(child, &status, 0, &usage);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        throw Error(Code::internal, arguments.front() + ": failed");
    const auto cpu = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    return {seconds_since(begin), cpu(usage.ru_utime) + cpu(usage.ru_stime),
            static_cast<double>(usage.ru_maxrss) / 1024};
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

void bench_process(const std::string& program, const std::string& scene, const std::string& model,
                   const fs::path& folder) {
    std::vector<double> wall, cpu, peak;
    for (int i = 0; i < kRuns; ++i) {
        const auto process = run({program, "classify", scene, "-m", model, "-o", folder / "map.tif",
                                  "--threads", std::to_string(kThreads), "--overwrite", "-q"});
        wall.push_back(process.wall_s);
        cpu.push_back(process.cpu_s);
        peak.push_back(process.peak_mib);
    }
    fmt::print("whole run: {:.2f} s wall, {:.2f} s CPU, peak {:.0f} MiB (medians of {})\n", median(wall),
               median(cpu), median(peak), kRuns);
}

/// The same scene by the engine's own calls, stage by stage.
void bench_stages(const std::string& scene, const std::string& model, const fs::path& folder) {
    const std::vector<std::string> settings = {"products.class_map.path=" + (folder / "stages.tif").string()};
    const Pipeline pipeline =
        one_line({Task::classification, {scene}, false, model, folder / "stages.tif"}, settings);
    RunOptions options;
    options.threads = kThreads;
    const run::ThreadBudget budget(kThreads);
    run::Job job = run::open_job(pipeline, pipeline.scenes.front(), options);
    const double file = static_cast<double>(bytes_of(job.scene->info()));
    auto before = bytes_read();
    run::audit_scene(job, false);
    const auto audit = bytes_read() - before;
    const auto loading = Clock::now();
    const auto network = load_model(job.card, "cpu");
    const double load_s = seconds_since(loading);
    const std::string work = folder / "work";
    run::collect_statistics(job, work, options);
    fs::create_directories(work + "/parts");
    Ledger ledger(work);
    std::vector<std::int64_t> parts(static_cast<std::size_t>(job.plan.parts.count()));
    for (std::size_t i = 0; i < parts.size(); ++i) parts[i] = static_cast<std::int64_t>(i);
    before = bytes_read();
    const auto begin = Clock::now();
    const auto report = run::stream_parts({job, *network, ledger, work, options}, parts);
    const double wall_s = seconds_since(begin);
    const auto tiles = bytes_read() - before;
    fmt::print("bytes read by tiles: {:.3f} of the file's {:.1f} MiB; by the audit's sample: {:.3f}\n",
               static_cast<double>(tiles) / file, mib(static_cast<std::uint64_t>(file)),
               static_cast<double>(audit) / file);
    fmt::print("loading the model (LibTorch's module, weights, self-test): {:.2f} s\n", load_s);
    double threads_s = 0;
    for (const auto& [_, seconds] : report.stage_seconds) threads_s += seconds;
    fmt::print("stream of {} tiles: {:.3f} s wall; share of thread time:", report.tiles, wall_s);
    for (const auto& [stage, seconds] : report.stage_seconds)
        fmt::print(" {} {:.3f}", stage, seconds / threads_s);
    fmt::print("\nmodel's share of the stream's wall time: {:.2f} of {} threads\n",
               report.stage_seconds.at("infer") / wall_s, kThreads);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        fmt::print(stderr, "usage: whole_scene_benchmark PROGRAM SCENE MODEL\n");
        return 64;
    }
    try {
        start_gdal();
        install_counting_files();
        const fs::path folder =
            fs::temp_directory_path() / ("spectile-benchmark-" + std::to_string(::getpid()));
        fs::create_directories(folder);
        const std::string scene = argv[2];
        bench_process(fs::absolute(argv[1]), fs::absolute(scene), fs::absolute(argv[3]), folder);
        bench_stages(counted_name(fs::absolute(scene)), fs::absolute(argv[3]), folder);
        bench_stages(fs::absolute(scene), fs::absolute(argv[3]), folder);
        fs::remove_all(folder);
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "whole_scene_benchmark: {}\n", error.what());
        return 1;
    }
}
