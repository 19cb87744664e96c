#include "pipeline/site.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "spectile/error.hpp"

namespace spectile {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Site site_of(const std::string& text) {
    const auto file =
        (std::filesystem::temp_directory_path() / ("site-" + std::to_string(::getpid()))).string();
    std::ofstream(file) << text;
    return read_site(file);
}

TEST(Site, IsReadFromAFewLines) {
    const Site site = site_of(
        "spectile: 1\npartition: gpu\nmodules: [gdal, spectile/0.1]\ntime: 04:00:00\nthrottle: 8\n"
        "setup: ['export A=1']\n");
    EXPECT_EQ(site.partition, "gpu");
    EXPECT_EQ(site.time, "04:00:00");
    EXPECT_EQ(site.throttle, 8);
    EXPECT_THAT(site.modules, ElementsAre("gdal", "spectile/0.1"));
    EXPECT_THAT(site.setup, ElementsAre("export A=1"));
    EXPECT_EQ(site.program, "spectile");
}

TEST(Site, NamesLineKeyAndTheNearName) {
    try {
        site_of("spectile: 1\npartitoin: gpu\n");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::definition);
        EXPECT_THAT(error.what(), testing::AllOf(HasSubstr(":2: "), HasSubstr("'partition'")));
    }
    EXPECT_THROW(site_of("spectile: 1\ntime: soon\n"), Error);
    EXPECT_THROW(site_of("spectile: 1\nthrottle: 0\n"), Error);
}

}  // namespace
}  // namespace spectile
