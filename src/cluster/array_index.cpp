#include "cluster/array_index.hpp"

#include <array>
#include <charconv>
#include <string_view>

#include "spectile/error.hpp"

namespace spectile::cluster {
namespace {

struct Variable {
    const char* name;
    std::int64_t first;  ///< The index of the first shard.
};
constexpr std::array kVariables = {Variable{"SLURM_ARRAY_TASK_ID", 1},
                                   Variable{"JOB_COMPLETION_INDEX", 0},
                                   Variable{"PBS_ARRAY_INDEX", 1},
                                   Variable{"PBS_ARRAYID", 1},
                                   Variable{"LSB_JOBINDEX", 1},
                                   Variable{"SGE_TASK_ID", 1},
                                   Variable{"AWS_BATCH_JOB_ARRAY_INDEX", 0}};

/// What schedulers set where a job is no array.
bool is_unset(const Variable& variable, std::string_view value) {
    return value.empty() || value == "undefined" ||
           (value == "0" && std::string_view(variable.name) == "LSB_JOBINDEX");
}

std::int64_t shard_of(const Variable& variable, std::string_view value) {
    std::int64_t index = -1;
    const auto [end, status] = std::from_chars(value.data(), value.data() + value.size(), index);
    if (status != std::errc() || end != value.data() + value.size() || index < variable.first)
        throw Error(Code::usage, "--shard auto: " + std::string(variable.name) + "=" + std::string(value) +
                                     " is no shard; submit the array as 1-N, or name the shard with --shard");
    return index - variable.first + 1;
}

}  // namespace

std::int64_t shard_of_array(const Environment& environment) {
    std::int64_t shard = 0;
    std::string said;
    for (const auto& variable : kVariables) {
        const char* value = environment(variable.name);
        if (!value || is_unset(variable, value)) continue;
        const auto here = shard_of(variable, value);
        if (shard != 0 && here != shard)
            throw Error(Code::usage, "--shard auto: " + said + " and " + variable.name + "=" + value +
                                         " name different shards; name one with --shard");
        shard = here;
        said = std::string(variable.name) + "=" + value;
    }
    if (shard == 0)
        throw Error(Code::usage,
                    "--shard auto: no scheduler's array index is set (SLURM_ARRAY_TASK_ID, "
                    "JOB_COMPLETION_INDEX, PBS_ARRAY_INDEX, ...); name the shard with --shard");
    return shard;
}

}  // namespace spectile::cluster
