// Pretrainings over several real processes on this machine.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <future>

#include "cli/a_pretraining.hpp"
#include "cli/interrupted_training.hpp"

namespace spectile::test {
namespace {

using testing::HasSubstr;

int free_port() {
    const int socket_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(socket_, reinterpret_cast<sockaddr*>(&address), size);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    close(socket_);
    return ntohs(address.sin_port);
}

/// What differs from process to process.
struct Started {
    std::vector<std::string> arguments = {};
    Interruption interruption = {};
};

/// Starts `spectile train` in as many processes as there are in `started`, which meet on this machine.
std::vector<Outcome> train_together(const std::vector<std::string>& common,
                                    const std::vector<Started>& started) {
    const auto port = std::to_string(free_port()), count = std::to_string(started.size());
    std::vector<std::future<Outcome>> futures;
    for (std::size_t rank = 0; rank < started.size(); ++rank) {
        std::vector<std::string> command = {"env",
                                            "RANK=" + std::to_string(rank),
                                            "WORLD_SIZE=" + count,
                                            "MASTER_ADDR=127.0.0.1",
                                            "MASTER_PORT=" + port,
                                            built("spectile"),
                                            "train"};
        command.insert(command.end(), common.begin(), common.end());
        command.insert(command.end(), {"--distributed", "--threads", "1"});
        const auto& [arguments, interruption] = started[rank];
        command.insert(command.end(), arguments.begin(), arguments.end());
        futures.push_back(std::async(std::launch::async, [command, interruption = interruption] {
            return run(command, 300, interruption);
        }));
    }
    std::vector<Outcome> outcomes;
    for (auto& future : futures) outcomes.push_back(future.get());
    return outcomes;
}

const std::vector<std::string> kFiles = {"weights.safetensors", "losses.json", "model.yaml"};

TEST(Distributed, GivesTheBytesAndTheWarningsOfOneProcess) {
    const Folder folder;
    const auto definition = write_pretraining(folder, {.epochs = 4});
    const auto alone = train_straight(folder, definition, "alone");
    ASSERT_EQ(alone.status, 0) << alone.err;
    const auto warnings = [](const Outcome& outcome) {
        return outcome.err.substr(std::min(outcome.err.find("warning: "), outcome.err.size()));
    };
    ASSERT_THAT(warnings(alone), HasSubstr("scenes.csv:4: left out"));
    ASSERT_THAT(warnings(alone), HasSubstr("scenes.csv:7: left out"));
    for (const std::size_t count : {2, 3, 7}) {  // More processes than batches, too.
        const auto name = "by_" + std::to_string(count);
        const auto outcomes =
            train_together(training_into(folder, definition, name), std::vector<Started>(count));
        for (const auto& outcome : outcomes) EXPECT_EQ(outcome.status, 0) << outcome.err;
        expect_same_files(folder, "alone", name, kFiles);
        EXPECT_EQ(warnings(outcomes[0]), warnings(alone));
        EXPECT_THAT(outcomes[0].err, HasSubstr("stage 2 of 2"));
        EXPECT_EQ(outcomes[1].out + outcomes[1].err, "") << "process 0 speaks for all";
        EXPECT_TRUE(std::filesystem::exists(folder / (name + "/report.html")));
    }
}

class LostProcess : public testing::TestWithParam<int> {};

TEST_P(LostProcess, EndsTheOthersAndAllGoOnToTheSameBytesInAnotherNumber) {
    const Folder folder;
    const auto definition = write_pretraining(folder, {.epochs = 30});
    const auto alone = train_straight(folder, definition, "alone");
    ASSERT_EQ(alone.status, 0) << alone.err;
    auto common = training_into(folder, definition, "together");
    common.insert(common.end(), {"--work", folder / "work"});
    const auto first =
        train_together(common, {{}, {.interruption = once_a_checkpoint_lies_there(folder, GetParam())}});
    EXPECT_EQ(first[0].status, 75) << first[0].err;
    EXPECT_EQ(first[1].status, status_after(GetParam())) << first[1].err;
    ASSERT_EQ(first[0].messages().size(), 1U) << first[0].err;
    EXPECT_THAT(
        first[0].messages()[0],
        HasSubstr(GetParam() == SIGKILL ? "process 0 of 2 has lost another one" : "pretraining stopped in"));
    EXPECT_FALSE(std::filesystem::exists(folder / "together"));
    for (const auto& outcome : train_together(common, {{}, {}, {}}))
        EXPECT_EQ(outcome.status, 0) << outcome.err;
    expect_same_files(folder, "alone", "together", kFiles);
}

INSTANTIATE_TEST_SUITE_P(Signals, LostProcess, testing::Values(SIGTERM, SIGKILL), name_of_signal);

TEST(Distributed, AFaultOfOneBatchIsSaidByAll) {
    const Folder folder;
    const auto definition =
        write_pretraining(folder, {.epochs = 4, .left_out_share = "0.17"});  // One of the six entries.
    for (const auto& outcome : train_together(training_into(folder, definition, "model"), {{}, {}})) {
        EXPECT_EQ(outcome.status, 65);
        EXPECT_THAT(outcome.messages(), testing::ElementsAre(HasSubstr("2 of the 6 entries of")));
    }
}

TEST(Distributed, RefusesProcessesThatBeginDifferently) {
    const Folder folder;
    const auto definition = write_pretraining(folder, {.epochs = 4});
    const auto all =
        train_together(training_into(folder, definition, "model"), {{}, {{"--set", "seeds=[2]"}}});
    for (const auto& outcome : all) {
        EXPECT_EQ(outcome.status, 78) << outcome.err;
        EXPECT_THAT(outcome.messages(), testing::ElementsAre(HasSubstr("process 1 begins with the recipe ")));
    }
}

TEST(Distributed, NeedsAPlaceAmongProcesses) {
    const Folder folder;
    const auto definition = write_pretraining(folder, {.epochs = 1});
    const auto lonely = run({"env", "-u", "SLURM_PROCID", built("spectile"), "train", definition, "--set",
                             "vars.OUT=" + folder / "model", "--distributed"});
    EXPECT_EQ(lonely.status, 64);
    EXPECT_THAT(lonely.messages(), testing::ElementsAre(HasSubstr("neither RANK nor SLURM_PROCID is set")));
}

}  // namespace
}  // namespace spectile::test
