#include "run/missing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>

#include "cluster/attempt.hpp"
#include "cluster/number_list.hpp"
#include "plan/make_plan.hpp"
#include "run/inputs.hpp"
#include "run/job.hpp"
#include "run/published.hpp"
#include "run/shard.hpp"
#include "run/work_directory.hpp"
#include "spectile/error.hpp"

namespace spectile::run {
namespace {

namespace fs = std::filesystem;

/// What the shards among `lacking` that failed for good said last; empty where none did.
std::string failures_of(const std::string& work, const std::vector<std::int64_t>& lacking) {
    std::string out;
    for (const auto shard : lacking) {
        std::string said;
        for (const auto& attempt : cluster::read_attempts(work))
            if (attempt.shard == std::to_string(shard))
                said = attempt.state == "failed" ? attempt.message : std::string();
        if (!said.empty()) out += fmt::format("; shard {} failed: {}", shard, said);
    }
    return out;
}

bool files_are_there(const PartEntry& entry, const std::string& work) {
    return std::all_of(entry.products.begin(), entry.products.end(), [&](const auto& product) {
        std::error_code gone;
        const auto bytes = fs::file_size(work + "/" + product.second.file, gone);
        return !gone && static_cast<std::int64_t>(bytes) == product.second.bytes;
    });
}

std::vector<std::int64_t> missing_parts(const std::string& work, const std::string& recipe,
                                        std::int64_t parts) {
    const bool begun = fs::exists(work + "/run.json");
    const auto ledger = begun ? std::make_unique<Ledger>(work, recipe) : nullptr;
    std::vector<std::int64_t> out;
    for (std::int64_t part = 0; part < parts; ++part) {
        const bool known = ledger && ledger->parts().contains(part);
        if (!known || !files_are_there(ledger->parts().at(part), work)) out.push_back(part);
    }
    return out;
}

/// Shards of `shards` equal ones.
std::vector<std::int64_t> equal_shards_of(const std::vector<std::int64_t>& wanted, std::int64_t parts,
                                          int shards) {
    std::vector<std::int64_t> out;
    for (int shard = 1; shard <= shards; ++shard) {
        const auto mine = plan::parts_of_shard(parts, shard, shards);
        const auto lies_here = [&](std::int64_t part) {
            return !mine.empty() && part >= mine.front() && part <= mine.back();
        };
        if (std::any_of(wanted.begin(), wanted.end(), lies_here)) out.push_back(shard);
    }
    return out;
}

}  // namespace

std::vector<std::int64_t> not_in(const Ledger& ledger, const std::vector<std::int64_t>& wanted) {
    std::vector<std::int64_t> out;
    for (const auto index : wanted)
        if (!ledger.parts().contains(index)) out.push_back(index);
    return out;
}

void refuse_gaps(const std::string& work, const std::vector<std::int64_t>& lacking, std::size_t wanted,
                 const std::string& manifest) {
    if (lacking.empty()) return;
    const std::string what = fmt::format("{}: {} of {} parts are missing", work, lacking.size(), wanted);
    if (manifest.empty())
        throw Error(Code::interrupted, fmt::format("{}, the first is part {}; run the shards that hold them",
                                                   what, lacking.front()));
    const auto shards = cluster::read_manifest(manifest).shards_of(lacking);
    throw Error(Code::interrupted,
                fmt::format("{}, of shard {}; run these again (spectile plan --missing lists them){}", what,
                            cluster::number_list(shards), failures_of(work, shards)));
}

void refuse_other_manifest(const cluster::Manifest& manifest, const Recipe& recipe) {
    if (manifest.recipe == recipe.sha256()) return;
    const auto before = nlohmann::json::parse(manifest.components);
    const std::string changed = differences(before, recipe.components);
    if (changed == "instructions")
        throw Error(Code::device, manifest.file + ": was made at instruction level " + manifest.instructions +
                                      ", this process runs at " +
                                      recipe.components.at("instructions").get<std::string>() +
                                      "; pin one level everywhere with --instructions");
    throw Error(Code::definition, manifest.file + ": was made for another run; changed: " + changed +
                                      "; write it anew with spectile plan --manifest");
}

Missing missing_of(const Pipeline& pipeline, const RunOptions& options, int shards) {
    if (pipeline.scenes.size() != 1)
        throw Error(Code::definition, pipeline.file +
                                          ": scenes: --missing looks at one scene; give each a "
                                          "pipeline of its own");
    RunOptions own = options;
    own.shard.clear();
    std::optional<cluster::Manifest> manifest;
    if (!own.manifest.empty()) {
        manifest = cluster::read_manifest(own.manifest);
        if (own.work.empty()) own.work = manifest->work;
        shards = static_cast<int>(manifest->shards.size());
    }
    const Job job = open_job(pipeline, pipeline.scenes.front(), own, shards);
    const std::string work = WorkDirectory::path_for(job, own);
    const Recipe recipe = make_recipe(job, hash_scene(job, work, own).sha256);
    if (manifest) refuse_other_manifest(*manifest, recipe);
    if (already_published(job, recipe, own)) return {};
    const auto count = job.plan.parts.count();
    Missing out{missing_parts(work, recipe.sha256(), count), {}};
    out.shards = manifest ? manifest->shards_of(out.parts) : equal_shards_of(out.parts, count, shards);
    return out;
}

}  // namespace spectile::run
