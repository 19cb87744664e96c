#pragma once

#include <gtest/gtest.h>

#include <string>

#include "core/checksum.hpp"
#include "models/networks/libtorch_state.hpp"
#include "spectile/error.hpp"
#include "synthetic_scene.hpp"
#include "training/train.hpp"

namespace spectile::training {

/// From a definition to a model folder, with checkpoints in the test's own folder.
class TrainingTest : public testing::Test {
protected:
    TrainingTest() {
        networks::quiet_libtorch();
        options_.work = folder_.file("work");
    }

    /// What a training that ends with an error of this code says.
    std::string message_of(const Training& t, Code code = Code::definition) const {
        try {
            (void)train(t, options_);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), code) << error.what();
            return error.what();
        }
        return "no error";
    }

    static std::string weights_of(const Training& t) {
        return sha256_of_file(t.output + "/weights.safetensors");
    }

    static void expect_same_model(const Training& a, const Training& b) {
        for (const auto* name : {"/weights.safetensors", "/selftest.safetensors", "/model.yaml"})
            EXPECT_EQ(sha256_of_file(a.output + name), sha256_of_file(b.output + name)) << name;
    }

    TestFolder folder_;
    TrainingOptions options_;
};

}  // namespace spectile::training
