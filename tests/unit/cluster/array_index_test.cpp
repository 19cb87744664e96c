#include "cluster/array_index.hpp"

#include <gmock/gmock.h>

#include <map>

#include "spectile/error.hpp"

namespace spectile::cluster {
namespace {

std::int64_t shard_in(const std::map<std::string, std::string>& variables) {
    return shard_of_array([&](const char* name) -> const char* {
        const auto known = variables.find(name);
        return known == variables.end() ? nullptr : known->second.c_str();
    });
}

TEST(ArrayIndex, IsReadFromEveryScheduler) {
    EXPECT_EQ(shard_in({{"SLURM_ARRAY_TASK_ID", "3"}}), 3);
    EXPECT_EQ(shard_in({{"PBS_ARRAY_INDEX", "3"}}), 3);
    EXPECT_EQ(shard_in({{"PBS_ARRAYID", "3"}}), 3);
    EXPECT_EQ(shard_in({{"LSB_JOBINDEX", "3"}}), 3);
    EXPECT_EQ(shard_in({{"SGE_TASK_ID", "3"}}), 3);
    EXPECT_EQ(shard_in({{"JOB_COMPLETION_INDEX", "0"}}), 1) << "counted from 0";
    EXPECT_EQ(shard_in({{"AWS_BATCH_JOB_ARRAY_INDEX", "2"}}), 3) << "counted from 0";
}

TEST(ArrayIndex, KeepsItsMeaningWhereOnlySomeTasksAreSubmittedAgain) {
    EXPECT_EQ(shard_in({{"SLURM_ARRAY_TASK_ID", "7"},
                        {"SLURM_ARRAY_TASK_COUNT", "2"},
                        {"SLURM_ARRAY_TASK_MIN", "3"},
                        {"SLURM_ARRAY_TASK_STEP", "4"}}),
              7);
}

TEST(ArrayIndex, PassesOverWhatIsSetForJobsThatAreNoArray) {
    EXPECT_EQ(shard_in({{"SGE_TASK_ID", "undefined"}, {"LSB_JOBINDEX", "0"}, {"SLURM_ARRAY_TASK_ID", "2"}}),
              2);
}

TEST(ArrayIndex, RefusesNoneTwoThatDifferAndWhatIsNoShard) {
    EXPECT_THROW(shard_in({}), Error);
    EXPECT_THROW(shard_in({{"SLURM_ARRAY_TASK_ID", "1"}, {"JOB_COMPLETION_INDEX", "1"}}), Error);
    EXPECT_THROW(shard_in({{"SLURM_ARRAY_TASK_ID", "0"}}), Error);
    EXPECT_THROW(shard_in({{"SLURM_ARRAY_TASK_ID", "two"}}), Error);
}

}  // namespace
}  // namespace spectile::cluster
