#pragma once

#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <string>
#include <vector>

#include "cli/spawn.hpp"

// Trainings, of a definition whose output is ${OUT}, that are cut off and go on.
namespace spectile::test {

inline std::vector<std::string> training_into(const Folder& folder, const std::string& definition,
                                              const std::string& name) {
    return {definition, "--set", "vars.OUT=" + folder / name};
}

/// Trains into FOLDER/NAME on one thread, without a break.
inline Outcome train_straight(const Folder& folder, const std::string& definition, const std::string& name) {
    auto arguments = training_into(folder, definition, name);
    arguments.insert(arguments.begin(), "train");
    arguments.insert(arguments.end(), {"--threads", "1"});
    return run_spectile(arguments, 300);
}

/// Sends the signal as soon as a checkpoint lies in FOLDER/work.
inline Interruption once_a_checkpoint_lies_there(const Folder& folder, int signal) {
    const auto checkpoint = folder / "work/checkpoint.safetensors";
    return {[checkpoint] { return std::filesystem::exists(checkpoint); }, signal};
}

/// Exit status of a training that got the signal.
inline int status_after(int signal) { return signal == SIGKILL ? 128 + SIGKILL : 75; }

inline std::string name_of_signal(const testing::TestParamInfo<int>& signal) {
    return sigabbrev_np(signal.param);
}

inline void expect_same_files(const Folder& folder, const std::string& one, const std::string& other,
                              const std::vector<std::string>& files) {
    for (const auto& file : files) {
        const auto text = text_of(folder / (one + "/" + file));
        EXPECT_FALSE(text.empty()) << one << "/" << file;
        EXPECT_TRUE(text == text_of(folder / (other + "/" + file))) << other << "/" << file;
    }
}

/// Trains straight, and again by three threads, cut off by the signal, and two that go on: the same files.
inline void expect_the_same_after(int signal, const Folder& folder, const std::string& definition,
                                  const std::vector<std::string>& files) {
    const auto straight = train_straight(folder, definition, "straight");
    ASSERT_EQ(straight.status, 0) << straight.err;
    const auto command = [&](const std::string& threads) {
        auto all = training_into(folder, definition, "resumed");
        all.insert(all.begin(), {built("spectile"), "train"});
        all.insert(all.end(), {"--work", folder / "work", "--threads", threads});
        return all;
    };
    const auto first = run(command("3"), 300, once_a_checkpoint_lies_there(folder, signal));
    EXPECT_EQ(first.status, status_after(signal)) << first.err;
    EXPECT_FALSE(std::filesystem::exists(folder / "resumed"));
    const auto again = run(command("2"), 300);
    ASSERT_EQ(again.status, 0) << again.err;
    expect_same_files(folder, "straight", "resumed", files);
}

}  // namespace spectile::test
