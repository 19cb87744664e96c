#pragma once

#include "cluster/array_index.hpp"
#include "spectile/training.hpp"

namespace spectile::cluster {

/// This process's place among those that train together, as its starter says: RANK, WORLD_SIZE, LOCAL_RANK,
/// MASTER_ADDR and MASTER_PORT, as PyTorch has them; else srun's SLURM_PROCID, SLURM_NTASKS and
/// SLURM_LOCALID. Under srun they meet on the first node of the step, at a port that comes from the job's
/// number, where MASTER_ADDR and MASTER_PORT do not say otherwise.
///
/// Throws Error{Code::usage} where neither speaks, and naming the variable that is no such number.
TrainingProcesses processes_of(const Environment& environment);

/// The first name of a list of nodes as Slurm writes it: n[07-09,12],m1 is n07.
std::string first_node(const std::string& list);

}  // namespace spectile::cluster
