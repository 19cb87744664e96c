#include "training/pretrain_round.hpp"

#include <ATen/ops/rand.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>

#include "spectile/error.hpp"
#include "training/gradient_sum.hpp"
#include "training/optimiser.hpp"
#include "unit/training/index_of_scenes.hpp"
#include "unit/training/thread_group.hpp"

namespace spectile::training {
namespace {

std::unique_ptr<ProcessGroup> alone() { return join_processes({}, {}, at::kCPU); }

networks::NamedTensor parameter(const char* name, at::IntArrayRef shape) {
    return {.name = name, .tensor = at::zeros(shape)};
}

/// The sum of `batches` gradients whose rounding depends on the order, and what was added.
std::vector<float> sum_over(ProcessGroup& group, int batches) {
    const std::vector parameters = {parameter("a", {7, 3}), parameter("b", {5}), parameter("c", {1})};
    GradientSum sum(parameters, group);
    sum.clear();
    for (int round = 0; round < batches; round += group.size()) {
        const int batch = round + group.rank();
        float value = 1.0F + static_cast<float>(batch) * 1e4F / 3;
        for (const auto& gradient : sum.batch())
            for (float& v : values_of(gradient)) v += batch < batches ? (value *= -0.7F) : 0;
        sum.add();
    }
    std::vector<float> all;
    for (const auto& gradient : sum.sum()) {
        const auto values = values_of(gradient);
        all.insert(all.end(), values.begin(), values.end());
    }
    return all;
}

TEST(GradientSum, HasTheSameBytesForEveryNumberOfProcesses) {
    const auto group = alone();
    const auto expected = sum_over(*group, 8);
    ASSERT_EQ(expected.size(), 27U);
    for (const int size : {2, 3, 5, 11}) {
        ThreadGroup threads(size);
        std::mutex lock;
        threads.run([&](ProcessGroup& member) {
            const auto sum = sum_over(member, 8);
            const std::lock_guard held(lock);
            EXPECT_EQ(sum, expected) << "of " << size;
        });
    }
}

TEST(GradientSum, ForgetsTheStepBefore) {
    const auto group = alone();
    const std::vector parameters = {parameter("a", {4})};
    GradientSum sum(parameters, *group);
    sum.batch()[0].fill_(3);
    sum.add();
    EXPECT_EQ(sum.sum()[0][2].item<float>(), 3);
    sum.clear();
    EXPECT_EQ(sum.batch()[0][2].item<float>(), 0);
    sum.add();
    EXPECT_EQ(sum.sum()[0][2].item<float>(), 0);
}

/// Images 0 to 4 of which 2 cannot be used, and 3 not where it is read in batch 1 or 5 (damaged in part).
/// Batch b reads images b, b + 1 and b + 3, modulo 5; image 4 has no measurements.
MaskedCrops cut_batch(CropSource& source, int batch, std::vector<int>& read) {
    read.clear();
    for (const int step : {0, 1, 3}) {
        const auto image = static_cast<std::uint64_t>((batch + step) % 5);
        if (source.left_out.places.count(image) || source.found.count(image)) continue;
        if (image == 2 || (image == 3 && (batch == 1 || batch == 5)))
            source.found.emplace(image, "bad in batch " + std::to_string(batch));
        else if (image == 4)
            ++source.left_out.empty_crops;
        else
            read.push_back(static_cast<int>(image));
    }
    return {};
}

struct Went {
    std::map<int, std::vector<int>> read;  ///< By batch.
    std::vector<std::string> warnings;     ///< Of rank 0.
    std::set<std::uint64_t> left_out;
    std::uint64_t empty_crops = 0;
};

class Rounds : public testing::Test {
protected:
    Rounds() : training_(pretraining_in(folder_)) {
        training_.pretraining->left_out_share = 0.5;
        index_.emplace(SceneIndex::open(*training_.pretraining));
    }

    void go(ProcessGroup& group, int batches, Went& went, std::mutex& lock) {
        std::vector<std::string> warnings;
        CropSource source(*index_, *training_.pretraining, card_, {},
                          [&](const std::string& line) { warnings.push_back(line); });
        for (int round = 0; round < batches; round += group.size()) {
            std::vector<int> read;
            const int batch = round + group.rank();
            cut_in_round(group, source,
                         [&] { return batch < batches ? cut_batch(source, batch, read) : MaskedCrops{}; });
            const std::lock_guard held(lock);
            if (batch < batches) went.read[batch] = read;
        }
        const std::lock_guard held(lock);
        EXPECT_TRUE(source.found.empty());
        if (group.rank() != 0) return;
        went.warnings = warnings;
        went.left_out = source.left_out.places;
        went.empty_crops = source.left_out.empty_crops;
    }

    TestFolder folder_;
    Training training_;
    std::optional<SceneIndex> index_;
    ModelCard card_;
    std::mutex lock_;
};

TEST_F(Rounds, ReadAndLeaveOutWhatOneProcessWould) {
    Went expected;
    go(*alone(), 9, expected, lock_);
    EXPECT_THAT(expected.left_out, testing::ElementsAre(2U, 3U));
    EXPECT_GT(expected.empty_crops, 2U);
    EXPECT_THAT(expected.warnings.back(), testing::HasSubstr("bad in batch 5"));
    for (const int size : {2, 3, 6, 10}) {
        Went went;
        ThreadGroup threads(size);
        threads.run([&](ProcessGroup& member) { go(member, 9, went, lock_); });
        EXPECT_EQ(went.read, expected.read) << "of " << size;
        EXPECT_EQ(went.warnings, expected.warnings) << "of " << size;
        EXPECT_EQ(went.left_out, expected.left_out) << "of " << size;
        EXPECT_EQ(went.empty_crops, expected.empty_crops) << "of " << size;
    }
}

TEST_F(Rounds, AFaultOfOneProcessIsThrownByAll) {
    ThreadGroup threads(3);
    threads.run([&](ProcessGroup& member) {
        CropSource source(*index_, *training_.pretraining, card_, {}, [](const std::string&) {});
        try {
            cut_in_round(member, source, [&]() -> MaskedCrops {
                if (member.rank() == 1) throw Error(Code::memory, "the disk is full");
                return {};
            });
            ADD_FAILURE() << "went on";
        } catch (const Error& e) {
            EXPECT_EQ(e.code(), Code::memory);
            EXPECT_STREQ(e.what(),
                         member.rank() == 1 ? "the disk is full" : "process 1 of 3: the disk is full");
        }
    });
}

TEST_F(Rounds, StopWhereAnyoneIsAskedTo) {
    ThreadGroup threads(3);
    threads.run([](ProcessGroup& member) {
        EXPECT_FALSE(is_anyone_asked(member, {}));
        EXPECT_TRUE(is_anyone_asked(member, [&] { return member.rank() == 2; }));
    });
}

TEST_F(Rounds, AddLossesByRank) {
    ThreadGroup threads(3);
    threads.run([](ProcessGroup& member) {
        const double big = member.rank() == 1 ? -1e17 : 1e17 * (member.rank() == 0);
        LossSums sums{.token = 1, .spectral = 0, .crops = 1};
        add_losses(member, {.token = big + 1.0 * (member.rank() == 2), .spectral = 0.1, .crops = 2}, sums);
        EXPECT_EQ(sums.token, 1e17 + 1 - 1e17 + 1) << "another order would give another sum";
        EXPECT_EQ(sums.crops, 7U);
    });
}

}  // namespace
}  // namespace spectile::training
