// Scenes behind a server that drops requests.

#include <cpl_conv.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "raster/open_scene.hpp"
#include "spectile/error.hpp"
#include "support/raster_files.hpp"
#include "support/raster_http_server.hpp"

namespace spectile {
namespace {

using namespace testing_raster;

class Remote : public testing::Test {
protected:
    void SetUp() override {
        // Each block takes a request of its own: 64 rows of 4096 UInt16 samples, not compressed.
        make_raster(folder_ / "a.tif",
                    {.width = 4096, .height = 256, .bands = 1, .options = {"BLOCKYSIZE=64"}})
            .reset();
        std::ifstream file(folder_ / "a.tif", std::ios::binary);
        server_ = std::make_unique<HttpServer>(std::string(std::istreambuf_iterator<char>(file), {}));
        ASSERT_NE(server_->port(), 0);
        definition_.paths = {"/vsicurl/http://127.0.0.1:" + std::to_string(server_->port()) + "/a.tif"};
        scene_ = open_scene(definition_);
    }

    CPLConfigOptionSetter no_listing_{"GDAL_DISABLE_READDIR_ON_OPEN", "EMPTY_DIR", false};
    CPLConfigOptionSetter only_this_{"CPL_VSIL_CURL_ALLOWED_EXTENSIONS", ".tif", false};
    CPLConfigOptionSetter no_retries_of_gdals_{"GDAL_HTTP_MAX_RETRY", "0", false};
    Folder folder_;
    std::unique_ptr<HttpServer> server_;
    SceneDefinition definition_;
    std::unique_ptr<Scene> scene_;
};

TEST_F(Remote, ADroppedRequestIsTriedAgain) {
    const auto reader = scene_->reader();
    Cube cube;
    const int band = 0;
    reader->read({0, 0, 10, 1}, {&band, 1}, cube);
    server_->failures = 1;
    reader->read({5, 250, 3, 1}, {&band, 1}, cube);
    EXPECT_EQ(server_->dropped, 1);
    EXPECT_THAT(cube.values,
                testing::ElementsAre(pixel_value(0, 5, 250), pixel_value(0, 6, 250), pixel_value(0, 7, 250)));
    EXPECT_THAT(cube.valid, testing::Each(1));
}

TEST_F(Remote, AServerThatIsGoneIsAReadErrorAndNeverZeros) {
    const auto reader = scene_->reader();
    Cube cube;
    const int band = 0;
    server_->failures = 1000;
    try {
        reader->read({5, 250, 3, 1}, {&band, 1}, cube);
        FAIL() << "it was read";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::read);
        EXPECT_THAT(error.what(), testing::HasSubstr("3 tries"));
    }
    server_->failures = 0;
    reader->read({5, 250, 3, 1}, {&band, 1}, cube);
    EXPECT_EQ(cube.values[0], pixel_value(0, 5, 250));
}

}  // namespace
}  // namespace spectile
