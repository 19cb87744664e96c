// A scene behind a server that misbehaves: tried again, then one line; never zeros in place of pixels.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/raster_text.hpp"
#include "faults/small_job.hpp"
#include "support/raster_http_server.hpp"

namespace spectile::test {
namespace {

using testing_raster::Failure;
using testing_raster::HttpServer;

class Server : public testing::TestWithParam<Failure> {
protected:
    void SetUp() override {
        server = std::make_unique<HttpServer>(text_of(job().scene));
        ASSERT_NE(server->port(), 0);
        server->failure = GetParam();
    }
    static SmallJob& job() {
        static SmallJob one(false);
        return one;
    }
    std::string definition(const std::string& product) const {
        return job().folder.write(
            product + ".yaml",
            "spectile: 1\nscene: {path: /vsicurl/http://127.0.0.1:" + std::to_string(server->port()) +
                "/a.tif}\nmodel: identity\ntiling: {tile: 64, part: 512}\n"
                "products:\n  bands: {path: " +
                product + "/bands.tif}\n");
    }
    Outcome start(const std::string& product, std::vector<std::string> more = {}) const {
        more.insert(
            more.begin(),
            {"run", definition(product), "--threads", "1", "--config",
             "GDAL_DISABLE_READDIR_ON_OPEN=EMPTY_DIR", "--config", "CPL_VSIL_CURL_ALLOWED_EXTENSIONS=.tif",
             "--config", "CPL_VSIL_CURL_CHUNK_SIZE=16384", "--config", "CPL_VSIL_CURL_CACHE_SIZE=32768"});
        return run_spectile(more);
    }
    std::unique_ptr<HttpServer> server;
};

TEST_P(Server, OneFailureIsTriedAgain) {
    server->after = 20;
    server->failures = 1;
    const auto outcome = start("once");
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(server->dropped, 1);
    EXPECT_EQ(checksums(job().folder / "once/bands.tif"), checksums(job().folder / "straight/bands.tif"));
    std::filesystem::remove_all(job().folder / "once");
}

TEST_P(Server, AServerThatStaysBrokenIsOneLineAndTheNextRunEndsWell) {
    server->after = 20;
    server->failures = 1000000;
    const auto outcome = start("broken");
    EXPECT_THAT(outcome.status, testing::AnyOf(74, 77)) << outcome.err;
    EXPECT_EQ(outcome.messages().size(), 1u) << outcome.err;
    EXPECT_FALSE(std::filesystem::exists(job().folder / "broken/bands.tif"));
    server->failures = 0;
    const auto again = start("broken");
    EXPECT_EQ(again.status, 0) << again.err;
    EXPECT_EQ(checksums(job().folder / "broken/bands.tif"), checksums(job().folder / "straight/bands.tif"));
    std::filesystem::remove_all(job().folder / "broken");
}

std::string name_of(const testing::TestParamInfo<Failure>& info) {
    switch (info.param) {
        case Failure::drop:
            return "drop";
        case Failure::server_error:
            return "status500";
        case Failure::forbidden:
            return "status403";
        case Failure::short_body:
            return "shortBody";
    }
    return "";
}

INSTANTIATE_TEST_SUITE_P(Failures, Server,
                         testing::Values(Failure::drop, Failure::server_error, Failure::forbidden,
                                         Failure::short_body),
                         name_of);

/// `--failed-tiles`: a window that cannot be decoded leaves a hole that is said, and stays to be tried again.
TEST(FailedTiles, AreMarkedUpToTheLimitAndTriedAgainByTheNextRun) {
    SmallJob job(false);
    const auto whole = text_of(job.scene);
    auto damaged = whole;
    for (std::size_t i = whole.size() / 2; i < whole.size() / 2 + 3000; ++i) damaged[i] = 0;
    job.folder.write("scene.tif", damaged);
    const auto refused = job.start("marked");
    EXPECT_EQ(refused.status, 74) << refused.err;
    EXPECT_EQ(refused.messages().size(), 1u) << refused.err;
    const auto too_many = job.start("marked", {"--failed-tiles", "1"});
    EXPECT_EQ(too_many.status, 74) << too_many.err;
    const std::string product = job.folder / "marked/bands.tif";
    EXPECT_FALSE(std::filesystem::exists(product));
    const auto marked = job.start("marked", {"--failed-tiles", "1000", "--json"});
    ASSERT_EQ(marked.status, 79) << marked.err;
    const auto report = nlohmann::json::parse(marked.out);
    EXPECT_GT(report["marked"].size(), 1u);
    EXPECT_LT(report["marked"].size(), 200u);
    EXPECT_THAT(report["marked"][0].get<std::string>(),
                testing::AllOf(testing::HasSubstr("scene.tif"), testing::HasSubstr("window")));
    EXPECT_TRUE(nlohmann::json::parse(text_of(product + ".spectile.json")).contains("marked"));
    EXPECT_EQ(run_spectile({"verify", product}).status, 0);
    const auto again = job.start("marked", {"--failed-tiles", "1000", "--json"});
    ASSERT_EQ(again.status, 79) << again.err;
    const auto second = nlohmann::json::parse(again.out);
    EXPECT_EQ(second["marked"], report["marked"]);
    EXPECT_GT(second["parts_reused"].get<int>(), 0) << "only parts with failed tiles are computed again";
    EXPECT_GT(second["parts"].get<int>(), 0);
    job.folder.write("scene.tif", whole);
    const auto repaired = job.start("marked", {"--overwrite", "--restart"});
    ASSERT_EQ(repaired.status, 0) << repaired.err;
    EXPECT_TRUE(job.is_right("marked"));
}

}  // namespace
}  // namespace spectile::test
