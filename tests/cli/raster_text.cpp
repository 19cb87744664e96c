#include "cli/raster_text.hpp"

#include <gtest/gtest.h>

#include "cli/spawn.hpp"

namespace spectile::test {

nlohmann::json gdalinfo(const std::string& path, bool checksums) {
    std::vector<std::string> command = {"gdalinfo", "-json", path};
    if (checksums) command.insert(command.begin() + 2, "-checksum");
    const auto outcome = run(command);
    EXPECT_EQ(outcome.status, 0) << path << ": " << outcome.err;
    return nlohmann::json::parse(outcome.out, nullptr, /*allow_exceptions=*/false);
}

std::vector<int> checksums(const std::string& path) {
    std::vector<int> sums;
    const auto info = gdalinfo(path, true);
    for (const auto& band : info.at("bands")) sums.push_back(band.at("checksum"));
    return sums;
}

std::string crs(const std::string& path) {
    const auto outcome = run({"gdalsrsinfo", "-o", "proj4", path});
    EXPECT_EQ(outcome.status, 0) << path << ": " << outcome.err;
    EXPECT_NE(outcome.out.find("+proj="), std::string::npos) << path;
    return outcome.out;
}

void gdal(const std::vector<std::string>& command) {
    const auto outcome = run(command);
    ASSERT_EQ(outcome.status, 0) << command.front() << ": " << outcome.err;
}

}  // namespace spectile::test
