#include "run/watch_attempt.hpp"

#include "cluster/attempt.hpp"
#include "cluster/manifest.hpp"
#include "cluster/number_list.hpp"
#include "run/shard.hpp"
#include "spectile/error.hpp"

namespace spectile::run {
namespace {

/// `auto` by the number it stands for.
std::string label_of(const RunOptions& options) {
    if (options.statistics_only) return "statistics";
    if (options.shard.empty() || options.manifest.empty()) return options.shard;
    return cluster::number_list(shards_named(options.shard, cluster::read_manifest(options.manifest)));
}

}  // namespace

void watch_attempt(const std::string& work, const RunOptions& options,
                   const std::function<void(const RunOptions&)>& body) {
    cluster::AttemptFile file(work, label_of(options), options.manifest);
    RunOptions told = options;
    told.progress = [&file, &options](const Progress& progress) {
        file.progress(progress);
        if (options.progress) options.progress(progress);
    };
    try {
        body(told);
    } catch (const Error& error) {
        const bool stopped = error.code() == Code::interrupted;
        file.end(stopped ? "stopped" : "failed", error.what(), exit_code(error.code()));
        throw;
    }
    file.end("done");
}

}  // namespace spectile::run
