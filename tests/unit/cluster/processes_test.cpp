#include "cluster/processes.hpp"

#include <gmock/gmock.h>

#include <map>

#include "spectile/error.hpp"

namespace spectile::cluster {
namespace {

using testing::HasSubstr;
using Variables = std::map<std::string, std::string>;

TrainingProcesses processes_in(const Variables& variables) {
    return processes_of([&](const char* name) -> const char* {
        const auto known = variables.find(name);
        return known == variables.end() ? nullptr : known->second.c_str();
    });
}

std::string message_of(const Variables& variables) {
    try {
        processes_in(variables);
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Code::usage);
        return e.what();
    }
    return "was accepted";
}

TEST(Processes, AreReadAsSrunSays) {
    Variables slurm = {{"SLURM_PROCID", "5"},
                       {"SLURM_NTASKS", "8"},
                       {"SLURM_LOCALID", "1"},
                       {"SLURM_JOB_ID", "123456"},
                       {"SLURM_STEP_ID", "2"},
                       {"SLURM_JOB_NODELIST", "login"},
                       {"SLURM_STEP_NODELIST", "gpu[007-009,12],fat3"}};
    auto processes = processes_in(slurm);
    EXPECT_EQ(processes.rank, 5);
    EXPECT_EQ(processes.count, 8);
    EXPECT_EQ(processes.local, 1);
    EXPECT_EQ(processes.address, "gpu007");
    EXPECT_EQ(processes.port, 10000 + (123456 + 2) % 20000);
    slurm["MASTER_ADDR"] = "10.0.0.1";
    slurm["MASTER_PORT"] = "29500";
    processes = processes_in(slurm);
    EXPECT_EQ(processes.address, "10.0.0.1");
    EXPECT_EQ(processes.port, 29500);
}

TEST(Processes, AreReadAsPyTorchsStarterSays) {
    const auto processes = processes_in({{"RANK", "1"},
                                         {"WORLD_SIZE", "2"},
                                         {"LOCAL_RANK", "1"},
                                         {"MASTER_ADDR", "localhost"},
                                         {"MASTER_PORT", "4000"},
                                         {"SLURM_PROCID", "0"},
                                         {"SLURM_NTASKS", "1"}});
    EXPECT_EQ(processes.rank, 1);
    EXPECT_EQ(processes.count, 2);
    EXPECT_EQ(processes.local, 1);
    EXPECT_EQ(processes.address, "localhost");
    EXPECT_EQ(processes.port, 4000);
    EXPECT_EQ(processes_in({{"RANK", "0"}, {"WORLD_SIZE", "1"}}).count, 1) << "meets nobody";
}

TEST(Processes, NamesWhatIsMissingOrWrong) {
    const Variables good = {
        {"RANK", "1"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "localhost"}, {"MASTER_PORT", "4000"}};
    const auto without = [&](const char* name) {
        auto rest = good;
        rest.erase(name);
        return message_of(rest);
    };
    const auto with = [&](const char* name, const char* value) {
        auto changed = good;
        changed[name] = value;
        return message_of(changed);
    };
    EXPECT_THAT(without("RANK"), HasSubstr("neither RANK nor SLURM_PROCID is set"));
    EXPECT_THAT(without("WORLD_SIZE"), HasSubstr("neither WORLD_SIZE nor SLURM_NTASKS is set"));
    EXPECT_THAT(without("MASTER_ADDR"), HasSubstr("MASTER_ADDR is not set"));
    EXPECT_THAT(without("MASTER_PORT"), HasSubstr("MASTER_PORT is not set"));
    EXPECT_THAT(with("RANK", "2"), HasSubstr("process 2 of 2 is none of them"));
    EXPECT_THAT(with("RANK", "-1"), HasSubstr("RANK=-1 is no number from 0"));
    EXPECT_THAT(with("MASTER_PORT", "70000"), HasSubstr("MASTER_PORT=70000 is no port"));
}

TEST(Processes, TheFirstNodeOfAListIsFound) {
    EXPECT_EQ(first_node("n1"), "n1");
    EXPECT_EQ(first_node("n1,n2"), "n1");
    EXPECT_EQ(first_node("n[01-03,7]"), "n01");
    EXPECT_EQ(first_node("rack[2-3]node[04,06-09]-ib,other"), "rack2node04-ib");
}

}  // namespace
}  // namespace spectile::cluster
