// A recorded forward pass, with a recorder that keeps the work and does it again.
#include "models/networks/forward_graph.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <c10/util/Exception.h>
#include <gtest/gtest.h>

namespace spectile::networks {
namespace {

/// As a device: what was launched is done again on the same memory.
class Again final : public Recording {
public:
    Again(std::function<void()> work, int& replays) : work_(std::move(work)), replays_(replays) {}
    void replay() override {
        ++replays_;
        work_();
    }

private:
    std::function<void()> work_;
    int& replays_;
};

class ForwardGraphTest : public testing::Test {
protected:
    Recorder recorder() {
        return [this](const std::function<void()>& work) {
            work();
            return std::make_unique<Again>([this] { memory.copy_(read * 2 + wrong); }, replays);
        };
    }
    /// Of one shape into the same memory, as a recorded pass computes.
    Forward forward() {
        return [this](const at::Tensor& x) {
            ++passes;
            read = x;
            memory = x * 2;
            return memory;
        };
    }
    at::Tensor values(float value, std::int64_t count = 3) { return at::full({count}, value); }
    void expect_doubled(ForwardGraph& graph, const at::Tensor& x) {
        EXPECT_TRUE(at::equal(graph.run(x, forward()), x * 2));
    }
    at::Tensor read, memory;
    float wrong = 0;
    int replays = 0, passes = 0;
};

TEST_F(ForwardGraphTest, IsReplayedFromTheThirdCallOn) {
    ForwardGraph graph(recorder());
    expect_doubled(graph, values(1));
    EXPECT_EQ(passes, 1) << "the first call warms up";
    expect_doubled(graph, values(2));
    EXPECT_TRUE(graph.recorded());
    EXPECT_EQ(passes, 3) << "the plain pass, and the recorded one";
    for (const float value : {3.0F, 4.0F}) expect_doubled(graph, values(value));
    EXPECT_EQ(passes, 3);
    EXPECT_EQ(replays, 3) << "the first replay is the comparison";
}

TEST_F(ForwardGraphTest, AnotherShapeGoesThePlainWay) {
    ForwardGraph graph(recorder());
    for (int i = 0; i < 3; ++i) expect_doubled(graph, values(5));
    const int before = replays;
    expect_doubled(graph, values(6, /*count=*/7));
    EXPECT_EQ(replays, before);
}

TEST_F(ForwardGraphTest, ARecordingThatGivesOtherBytesIsNotUsed) {
    wrong = 1;
    ForwardGraph graph(recorder());
    for (int i = 0; i < 4; ++i) expect_doubled(graph, values(static_cast<float>(i)));
    EXPECT_FALSE(graph.recorded());
    EXPECT_EQ(replays, 1);
}

TEST_F(ForwardGraphTest, WhatCannotBeRecordedIsTriedOnce) {
    int tried = 0;
    ForwardGraph fails([&](const std::function<void()>&) -> std::unique_ptr<Recording> {
        ++tried;
        throw c10::Error({__func__, __FILE__, __LINE__}, "operation not permitted when stream is capturing");
    });
    ForwardGraph cannot([&](const std::function<void()>&) -> std::unique_ptr<Recording> {
        ++tried;
        return nullptr;
    });
    for (int i = 0; i < 4; ++i) {
        expect_doubled(fails, values(static_cast<float>(i)));
        expect_doubled(cannot, values(static_cast<float>(i)));
    }
    EXPECT_EQ(tried, 2);
}

}  // namespace
}  // namespace spectile::networks
