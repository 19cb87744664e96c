// Linked into a test program, begins LibTorch's random numbers anew before each test: by itself LibTorch
// seeds them from the clock, and a bound that holds for nearly all numbers would then fail on some machines
// on some days.
#include <ATen/Context.h>
#include <gtest/gtest.h>

namespace spectile::test {
namespace {

class SeedEachTest : public testing::EmptyTestEventListener {
    void OnTestStart(const testing::TestInfo&) override { at::manual_seed(2026); }
};

[[maybe_unused]] const bool kListening = [] {
    testing::UnitTest::GetInstance()->listeners().Append(new SeedEachTest);
    return true;
}();

}  // namespace
}  // namespace spectile::test
