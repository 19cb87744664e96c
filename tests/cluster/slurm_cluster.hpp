#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/spawn.hpp"

namespace spectile::test {

/// A real Slurm of four nodes on this machine, and a folder that all of them see. Its daemons end with it.
class SlurmCluster {
public:
    SlurmCluster();
    ~SlurmCluster();
    SlurmCluster(const SlurmCluster&) = delete;
    SlurmCluster& operator=(const SlurmCluster&) = delete;

    /// Why there can be no cluster; empty where there can.
    static std::string missing();
    /// Why its daemons did not come up on this machine; empty where they did.
    const std::string& failure() const { return failure_; }

    /// A pipeline NAME.yaml in the folder: the shipped land cover model, or `model`, on `scene`, to NAME.tif.
    std::string pipeline(const std::string& name, const std::string& scene,
                         const std::string& model = "") const;
    /// `spectile submit --to slurm --now`; the site file is `site` after its first lines. The jobs' folder is
    /// NAME.jobs.
    Outcome submit(const std::string& name, int shards, const std::string& site = "",
                   std::vector<std::string> more = {}) const;
    /// Waits until no job is left, or the limit is over; calls `meanwhile` ten times a second.
    bool finish(
        double limit_s, const std::function<void()>& meanwhile = [] {}) const;
    /// As if the node lost its power.
    void kill_node(const std::string& node) const;
    /// The nodes on which tasks of NAME's array run.
    std::vector<std::string> nodes_of(const std::string& name) const;
    std::string work(const std::string& name) const;  ///< The work directory.
    /// Finished parts that the work directory's journals hold.
    int parts_done(const std::string& name) const;
    /// What the log of one of NAME's jobs says ("merge", "shard-3").
    std::string log(const std::string& name, const std::string& job) const;

    Folder folder;

private:
    std::string failure_;
};

/// Whether two runs' maps and records are equal, byte for byte, and the second one is there.
bool same_product(const Folder& folder, const std::string& one, const std::string& other);

}  // namespace spectile::test
