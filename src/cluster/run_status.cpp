#include "cluster/run_status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "cluster/manifest.hpp"
#include "cluster/number_list.hpp"
#include "core/ledger.hpp"
#include "core/text_file.hpp"
#include "plan/make_plan.hpp"
#include "spectile/error.hpp"

namespace spectile::cluster {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using Numbers = std::vector<std::int64_t>;

/// An attempt tells of itself every ten seconds while tiles are finished; after this long it may be gone.
constexpr std::int64_t kSilent_s = 90;

/// The part grid, as run.json has it.
PartGrid parts_of_run(const std::string& work) {
    const std::string file = work + "/run.json";
    if (!fs::exists(file))
        throw Error(Code::missing,
                    work + ": no run is going on here; its products may be published, or the name differs");
    const auto run = nlohmann::json::parse(read_text_file(file), nullptr, false);
    try {
        return {run.at("extent").at(2).get<std::int64_t>(), run.at("extent").at(3).get<std::int64_t>(),
                run.at("parts").at(0).get<std::int64_t>(), run.at("parts").at(1).get<std::int64_t>()};
    } catch (const nlohmann::json::exception&) {
        throw Error(Code::scene, file + ": is damaged; start the run again");
    }
}

std::optional<Manifest> manifest_of(const std::vector<Attempt>& attempts) {
    for (auto attempt = attempts.rbegin(); attempt != attempts.rend(); ++attempt)
        if (!attempt->manifest.empty() && fs::exists(attempt->manifest))
            return read_manifest(attempt->manifest);
    return std::nullopt;
}

/// Parts of what an attempt calls its shard.
Numbers parts_of_label(const std::string& label, const std::optional<Manifest>& manifest,
                       std::int64_t parts) {
    Numbers out;
    int k = 0, n = 0;
    if (std::sscanf(label.c_str(), "%d/%d", &k, &n) == 2) return plan::parts_of_shard(parts, k, n);
    if (manifest && !label.empty() && label != "statistics")
        for (const auto shard :
             parse_number_list(label, "shard", 1, static_cast<std::int64_t>(manifest->shards.size())))
            for (const auto part : manifest->parts_of(shard)) out.push_back(part);
    if (label.empty())
        for (std::int64_t part = 0; part < parts; ++part) out.push_back(part);
    return out;
}

/// What happens in a shard, by its last attempt.
void take_attempt(ShardStatus& shard, const Attempt& attempt, std::int64_t now) {
    ++shard.attempts;
    shard.state = attempt.state == "running" && now - attempt.updated > kSilent_s ? "silent" : attempt.state;
    shard.host = attempt.host;
    shard.message = attempt.message;
    shard.stage = attempt.state == "running" && attempt.total > 0
                      ? fmt::format("{} {} of {}", attempt.stage, attempt.done, attempt.total)
                      : std::string();
}

ShardStatus& shard_called(std::vector<ShardStatus>& shards, const std::string& label) {
    const auto known = std::find_if(shards.begin(), shards.end(),
                                    [&](const ShardStatus& shard) { return shard.shard == label; });
    if (known != shards.end()) return *known;
    ShardStatus shard;
    shard.shard = label;
    shard.state = "waiting";
    return shards.emplace_back(shard);
}

std::string duration(double seconds) {
    if (seconds < 90) return fmt::format("{:.0f} s", seconds);
    if (seconds < 5400) return fmt::format("{:.0f} min", seconds / 60);
    return fmt::format("{:.1f} h", seconds / 3600);
}

}  // namespace

RunStatus look_at_run(const std::string& work, std::int64_t now) {
    const PartGrid grid = parts_of_run(work);
    const Ledger ledger(work);
    const auto attempts = read_attempts(work);
    const auto manifest = manifest_of(attempts);
    RunStatus out;
    out.work = work;
    out.parts = grid.count();
    out.done = static_cast<std::int64_t>(ledger.parts().size());
    out.attempts = static_cast<std::int64_t>(attempts.size());
    if (manifest)
        for (std::size_t i = 1; i <= manifest->shards.size(); ++i)
            shard_called(out.shards, std::to_string(i));
    for (const auto& attempt : attempts) {
        take_attempt(shard_called(out.shards, attempt.shard), attempt, now);
        if (attempt.state != "running" || now - attempt.updated > kSilent_s) continue;
        ++out.running;
        if (attempt.seconds > 0)
            out.pixels_per_second += static_cast<double>(attempt.pixels) / attempt.seconds;
    }
    for (auto& shard : out.shards) {
        const auto parts = parts_of_label(shard.shard, manifest, out.parts);
        shard.parts = static_cast<std::int64_t>(parts.size());
        shard.done = std::count_if(parts.begin(), parts.end(),
                                   [&](std::int64_t part) { return ledger.parts().contains(part); });
        if (shard.parts > 0 && shard.done == shard.parts && shard.state != "running") shard.state = "done";
    }
    double pixels_left = 0;
    for (std::int64_t part = 0; part < out.parts; ++part)
        if (!ledger.parts().contains(part)) pixels_left += static_cast<double>(grid.part(part).window.area());
    if (out.pixels_per_second > 0) out.seconds_left = pixels_left / out.pixels_per_second;
    return out;
}

Json to_json(const RunStatus& status) {
    Json shards = Json::array();
    for (const auto& shard : status.shards)
        shards.push_back({{"shard", shard.shard},
                          {"state", shard.state},
                          {"parts", shard.parts},
                          {"parts_done", shard.done},
                          {"attempts", shard.attempts},
                          {"host", shard.host},
                          {"stage", shard.stage},
                          {"message", shard.message}});
    Json out = {{"work", status.work},       {"parts", status.parts},
                {"parts_done", status.done}, {"attempts", status.attempts},
                {"running", status.running}, {"pixels_per_second", status.pixels_per_second},
                {"seconds_left", nullptr},   {"shards", shards}};
    if (status.seconds_left >= 0) out["seconds_left"] = status.seconds_left;
    return out;
}

std::string text_of(const RunStatus& status) {
    std::string out =
        fmt::format("run      {}\nparts    {} of {} ({:.1f} %)\n", status.work, status.done, status.parts,
                    100.0 * static_cast<double>(status.done) / static_cast<double>(status.parts));
    out += fmt::format("running  {} of {} attempts", status.running, status.attempts);
    if (status.pixels_per_second > 0) out += fmt::format(", {:.2f} Mpx/s", status.pixels_per_second / 1e6);
    if (status.seconds_left >= 0) out += ", about " + duration(status.seconds_left) + " left";
    out += "\n";
    for (const auto& shard : status.shards) {
        out += fmt::format("shard    {:<10} {:<8} {:>6} of {} parts, {} attempts",
                           shard.shard.empty() ? "all" : shard.shard, shard.state, shard.done, shard.parts,
                           shard.attempts);
        if (!shard.host.empty()) out += " on " + shard.host;
        if (!shard.stage.empty()) out += ": " + shard.stage;
        if (shard.state == "failed") out += ": " + shard.message;
        out += "\n";
    }
    return out;
}

}  // namespace spectile::cluster
