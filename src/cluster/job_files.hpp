#pragma once

#include <string>
#include <vector>

#include "cluster/manifest.hpp"
#include "pipeline/site.hpp"

namespace spectile::cluster {

/// What is to be handed to a scheduler.
struct JobRequest {
    std::string name;                  ///< Of the jobs: the pipeline's stem.
    std::string pipeline;              ///< Absolute.
    std::string folder;                ///< Absolute; the files lie there, the manifest too.
    Manifest manifest;                 ///< `file` is absolute; empty where several scenes are shared out.
    std::vector<std::string> options;  ///< Of the command line, for `run`, `merge` and `plan` alike.
    std::string device;                ///< For `run`.
    int throttle = 0;                  ///< Most shards at once; 0: no limit.
    double time_s = 0;                 ///< Asked for a shard; 0: from the manifest, the site, else 4 h.
    Site site;
};

struct JobFile {
    std::string name;  ///< In the request's folder.
    std::string text;
    bool program = false;  ///< To be made executable.
};

/// submit.sh, shards.sbatch, merge.sbatch and, where the shards need it, statistics.sbatch.
std::vector<JobFile> slurm_files(const JobRequest& request);

/// submit.sh, shards.yaml, merge.yaml, and statistics.yaml and claim.yaml where they are needed. Throws
/// Error{Code::definition} where the site has no container, claim or mount, or files lie outside the mount.
std::vector<JobFile> kubernetes_files(const JobRequest& request);

/// `VERB PIPELINE`, the manifest where there is one, `more`, and the options of the command line.
std::vector<std::string> words_of(const JobRequest& request, const std::string& verb,
                                  const std::vector<std::string>& more);
/// What `--shard` says in each task: auto, or auto/N without a manifest that knows N.
std::string shard_word(const JobRequest& request);

/// MiB to ask for, so that the run's own budget under that grant holds the plan's peak.
std::int64_t memory_mib(const Manifest& manifest);
/// Seconds to ask for a shard: twice what was estimated and five minutes, in whole five minutes; 0 where
/// nothing was measured.
double estimated_time_s(const Manifest& manifest);
/// A word of a shell command, quoted where it must be.
std::string shell_word(const std::string& word);
std::string shell_words(const std::vector<std::string>& words);

}  // namespace spectile::cluster
