#pragma once

#include <string>
#include <vector>

namespace spectile {

/// What `spectile submit` must know of a cluster, as a small YAML file says it. Empty: left to the scheduler.
struct Site {
    std::string program = "spectile";  ///< In the container, or on PATH once modules are loaded.
    std::string container;             ///< Image: a .sif file or name for Slurm, a registry's for Kubernetes.
    std::string launcher = "apptainer exec";  ///< What starts a command in `container` under Slurm.
    std::string scratch;                      ///< Node-local folder for temporary files; $NAME is the node's.
    std::string time;                         ///< Of a shard where nothing was measured, as Slurm writes it.
    int throttle = 0;                         ///< Most shards at once; 0: no limit.
    // Slurm
    std::string partition, account, qos;
    std::vector<std::string> modules;  ///< For `module load`.
    std::vector<std::string> options;  ///< Further #SBATCH options.
    std::vector<std::string> setup;    ///< Shell lines before the program.
    // Kubernetes
    std::string name_space;
    std::string claim;    ///< Volume claim that holds pipeline, scene, model and products.
    std::string mount;    ///< Where pods see it.
    std::string storage;  ///< Size of a claim to be made, as 100Gi; empty: it is there already.
    std::string storage_class;
};

/// Throws Error{Code::missing}, Error{Code::definition} with file, line, key and the near name.
Site read_site(const std::string& file);

}  // namespace spectile
