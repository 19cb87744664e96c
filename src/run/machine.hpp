#pragma once

#include <cstdint>
#include <optional>
#include <string>

// What this process may use. Limits are the least of what the user said, the scheduler granted, the cgroup
// allows and the machine has. `root` stands for "/" so that recorded trees can be tested.

namespace spectile::run {

/// The budget of a run that was given none, in bytes: half of the machine, or, where that is less, most of
/// what cgroups (v2 and v1) or Slurm (SLURM_MEM_PER_NODE, SLURM_MEM_PER_CPU) granted.
std::uint64_t default_memory_budget(const std::string& root = "/");

/// Gives memory that malloc keeps for later back to the machine, so that the next stage does not come on top
/// of it. Does nothing where the C library has no such call.
void return_spare_memory();

/// Threads: the least of SLURM_CPUS_PER_TASK, the affinity mask and the cgroup's CPU quota (rounded up).
int available_threads(const std::string& root = "/");

/// Seconds until Slurm ends this job (SLURM_JOB_END_TIME); nothing outside a job, or where Slurm does not
/// say.
std::optional<double> granted_seconds();

/// Node-local folder for files on their way: `wanted` (made where it is absent), else SLURM_TMPDIR, else, in
/// a batch system's task, TMPDIR. Empty where there is none, or where the environment's cannot be written to.
/// Throws Error{Code::publish} or Error{Code::permission} naming `wanted`.
std::string scratch_folder(const std::string& wanted);

/// "2GiB", "512M", "1500000" as bytes. Throws Error{Code::usage}.
std::uint64_t parse_bytes(const std::string& text);

}  // namespace spectile::run
