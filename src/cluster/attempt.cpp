#include "cluster/attempt.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>
#include <tuple>

#include "core/text_file.hpp"
#include "spectile/error.hpp"

namespace spectile::cluster {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr auto kTellEvery = std::chrono::seconds(10);

std::string host_name() {
    // Several nodes of a test cluster share a host; Slurm's name tells them apart.
    if (const char* node = std::getenv("SLURMD_NODENAME")) return node;
    char host[256] = {};
    ::gethostname(host, sizeof host - 1);
    return host;
}

std::string job_of_scheduler() {
    static constexpr std::array kVariables = {"SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID", "JOB_ID",
                                              "AWS_BATCH_JOB_ID"};
    for (const char* name : kVariables)
        if (const char* value = std::getenv(name)) return value;
    return {};
}

json to_json(const Attempt& a) {
    return {{"shard", a.shard},     {"host", a.host},           {"job", a.job},
            {"process", a.process}, {"started", a.started},     {"updated", a.updated},
            {"stage", a.stage},     {"done", a.done},           {"total", a.total},
            {"pixels", a.pixels},   {"seconds", a.seconds},     {"state", a.state},
            {"message", a.message}, {"exit_code", a.exit_code}, {"manifest", a.manifest}};
}

Attempt from_json(const json& j) {
    Attempt a;
    a.shard = j.at("shard").get<std::string>();
    a.manifest = j.at("manifest").get<std::string>();
    a.host = j.at("host").get<std::string>();
    a.job = j.at("job").get<std::string>();
    a.process = j.at("process").get<std::int64_t>();
    a.started = j.at("started").get<std::int64_t>();
    a.updated = j.at("updated").get<std::int64_t>();
    a.stage = j.at("stage").get<std::string>();
    a.done = j.at("done").get<std::int64_t>();
    a.total = j.at("total").get<std::int64_t>();
    a.pixels = j.at("pixels").get<std::int64_t>();
    a.seconds = j.at("seconds").get<double>();
    a.state = j.at("state").get<std::string>();
    a.message = j.at("message").get<std::string>();
    a.exit_code = j.at("exit_code").get<int>();
    return a;
}

}  // namespace

AttemptFile::AttemptFile(const std::string& work, const std::string& shard, const std::string& manifest) {
    std::random_device random;
    file_ = work + fmt::format("/attempts/{:08x}{:08x}-{}.json", random(), random(), ::getpid());
    attempt_.shard = shard;
    if (!manifest.empty()) attempt_.manifest = fs::absolute(manifest).lexically_normal().string();
    attempt_.host = host_name();
    attempt_.job = job_of_scheduler();
    attempt_.process = ::getpid();
    attempt_.started = std::time(nullptr);
    std::error_code ignored;
    fs::create_directories(work + "/attempts", ignored);
    write();
}

void AttemptFile::progress(const Progress& progress) {
    attempt_.stage = progress.stage;
    attempt_.done = progress.done;
    attempt_.total = progress.total;
    if (progress.pixels > 0) {
        attempt_.pixels = progress.pixels;
        attempt_.seconds = progress.seconds;
    }
    if (std::chrono::steady_clock::now() - told_ >= kTellEvery) write();
}

void AttemptFile::end(const std::string& state, const std::string& message, int exit_code) {
    attempt_.state = state;
    attempt_.message = message;
    attempt_.exit_code = exit_code;
    // A run that has published removes its work directory, and this file must not bring it back.
    if (fs::exists(fs::path(file_).parent_path())) write();
}

void AttemptFile::write() {
    told_ = std::chrono::steady_clock::now();
    attempt_.updated = std::time(nullptr);
    try {
        write_text_file(file_, to_json(attempt_).dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
    } catch (const Error&) {
        return;  // The parts and their journals are what counts.
    }
}

std::vector<Attempt> read_attempts(const std::string& work) {
    std::vector<Attempt> out;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(work + "/attempts", ignored)) {
        if (entry.path().extension() != ".json") continue;
        try {
            out.push_back(from_json(json::parse(read_text_file(entry.path().string()))));
        } catch (const json::exception&) {
            continue;
        } catch (const Error&) {
            continue;  // Removed meanwhile.
        }
    }
    std::sort(out.begin(), out.end(), [](const Attempt& a, const Attempt& b) {
        return std::tie(a.started, a.shard, a.host, a.process) <
               std::tie(b.started, b.shard, b.host, b.process);
    });
    return out;
}

}  // namespace spectile::cluster
