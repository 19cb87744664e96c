#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkpoints/checkpoint.hpp"
#include "support/golden_file.hpp"

namespace spectile::test {
namespace {

namespace fs = std::filesystem;
using checkpoints::Checkpoint;

constexpr const char* kExpected = "_expected";

std::vector<std::byte> read_tensor(const Checkpoint& checkpoint, const std::string& key) {
    std::vector<std::byte> bytes;
    checkpoint.read(key, [&](auto piece) { bytes.insert(bytes.end(), piece.begin(), piece.end()); });
    return bytes;
}

template <typename T>
std::vector<T> as(const std::vector<std::byte>& bytes) {
    std::vector<T> numbers(bytes.size() / sizeof(T));
    if (!bytes.empty()) std::memcpy(numbers.data(), bytes.data(), bytes.size());
    return numbers;
}

/// Bit for bit: floats are compared as bytes, so that the sign of zero and the bits of NaN count.
void expect_equal(const Checkpoint& checkpoint, const std::string& key, const GoldenTensor& golden) {
    ASSERT_TRUE(checkpoint.tensors().count(key)) << key;
    EXPECT_EQ(checkpoint.tensors().at(key).shape, golden.shape) << key;
    const auto bytes = read_tensor(checkpoint, key);
    if (golden.dtype == "F32") {
        ASSERT_EQ(bytes.size(), golden.values.size() * sizeof(float)) << key;
        EXPECT_TRUE(bytes.empty() || std::memcmp(bytes.data(), golden.values.data(), bytes.size()) == 0)
            << key;
    } else if (golden.dtype == "I64") {
        EXPECT_EQ(as<std::int64_t>(bytes), golden.integers) << key;
    } else {
        const auto small = as<std::uint8_t>(bytes);
        EXPECT_EQ(std::vector<std::int64_t>(small.begin(), small.end()), golden.integers) << key;
    }
}

/// NAME.pth of NAME_expected.safetensors, and the other containers and layouts of the same weights.
std::vector<fs::path> checkpoints_beside(const GoldenFile& expected) {
    const auto stem = expected.stem().substr(0, expected.stem().size() - std::string(kExpected).size());
    std::vector<fs::path> found;
    for (const char* ending : {".pth", "_legacy.pth", "_flat_module.pth"})
        if (const auto path = expected.path.parent_path() / (stem + ending); fs::exists(path))
            found.push_back(path);
    return found;
}

std::vector<GoldenFile> expectations() {
    std::vector<GoldenFile> files;
    for (auto& file : golden_files("spectralgpt"))
        if (file.stem().ends_with(kExpected)) files.push_back(std::move(file));
    return files;
}

TEST(CheckpointGolden, WeightsEqualTheExpectedOnesBitForBit) {
    if (golden_absent()) GTEST_SKIP() << "no folder " << golden_root();
    int compared = 0;
    for (const auto& expected : expectations())
        for (const auto& path : checkpoints_beside(expected)) {
            SCOPED_TRACE(path);
            const auto checkpoint = Checkpoint::open(path);
            EXPECT_TRUE(checkpoint.others().empty());
            const bool part = path.stem().string().ends_with("_flat_module");  // The first tensors only.
            std::size_t golden_keys = 0;
            for (const auto& [key, golden] : expected.tensors) {
                const auto dot = key.find('.');
                if (const auto prefix = key.substr(0, dot); prefix != "state" && prefix != "model") continue;
                ++golden_keys;
                if (part && !checkpoint.tensors().count(key.substr(dot + 1))) continue;
                expect_equal(checkpoint, key.substr(dot + 1), golden);
                ++compared;
            }
            EXPECT_EQ(checkpoint.tensors().size(), part ? 12 : golden_keys);
        }
    EXPECT_GE(compared, 63 + 63 + 12 + 11);
}

TEST(CheckpointGolden, OptimiserStateEqualsTheExpectedBitForBit) {
    if (golden_absent()) GTEST_SKIP() << "no folder " << golden_root();
    int compared = 0;
    for (const auto& expected : expectations())
        for (const auto& [key, golden] : expected.tensors) {
            if (!key.starts_with("optimizer.")) continue;
            const auto last = key.rfind('.');
            const auto name = key.substr(0, last).substr(key.find('.') + 1);
            for (const auto& path : checkpoints_beside(expected)) {
                if (path.stem().string().ends_with("_flat_module")) continue;
                expect_equal(Checkpoint::open(path, "optimizer.state." + key.substr(last + 1)), name, golden);
                ++compared;
            }
        }
    EXPECT_GE(compared, 12);
}

TEST(CheckpointGolden, FactsOfTheTrainingAreRead) {
    if (golden_absent()) GTEST_SKIP() << "no folder " << golden_root();
    const auto facts = Checkpoint::open(golden_root() / "spectralgpt" / "checkpoint_small.pth").facts();
    EXPECT_EQ(facts.at("epoch"), "199");
    EXPECT_EQ(facts.at("args.mask_ratio"), "0.9");
    EXPECT_EQ(facts.at("args.model"), "\"mae_vit_base_patch8_96\"");
}

}  // namespace
}  // namespace spectile::test
