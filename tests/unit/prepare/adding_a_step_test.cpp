#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "unit/prepare/scenes.hpp"

// The step that docs/ADDING_A_STEP.md grows: square_root.cpp beside this file.
namespace spectile::prepare {
StepEntry square_root();
}

namespace spectile::test {
namespace {

std::string text_of(const std::string& path) {
    std::ifstream in(std::string(SPECTILE_SOURCE_DIR) + "/" + path);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

TEST(AddingAStep, TheExampleWorks) {
    const auto step = prepare::square_root().make(definition("square_root", R"({"floor": 1})"));
    step->bind(bands_at({500, 510, 520}));
    Cube cube = cube_of({{0, 1, 10}});
    step->apply(cube);
    EXPECT_THAT(spectrum(cube), testing::ElementsAre(0, 0, 3));
    EXPECT_EQ(step->describe(), "square_root: floor 1");
}

TEST(AddingAStep, TheGuideShowsTheExampleAsItIs) {
    const auto source = text_of("tests/unit/prepare/square_root.cpp");
    const auto guide = text_of("docs/ADDING_A_STEP.md");
    ASSERT_FALSE(source.empty());
    EXPECT_THAT(guide, testing::HasSubstr("```cpp\n" + source + "```"));
}

}  // namespace
}  // namespace spectile::test
