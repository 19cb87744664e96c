// The same as server_test.cpp against nginx, as users meet it: Range requests, then a server that has had
// enough.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>

#include "cli/raster_text.hpp"
#include "faults/small_job.hpp"

namespace spectile::test {
namespace {

constexpr const char* kNginx = "/usr/sbin/nginx";

/// A port of the loopback device that nothing listens on at the moment.
int free_port() {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(socket, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(socket);
    return ntohs(address.sin_port);
}

/// nginx over one folder, which refuses requests beyond a number where it is told to.
class Nginx {
public:
    explicit Nginx(const Folder& folder) : folder_(folder), port_(free_port()) {
        configure("");
        started_ = run({kNginx, "-p", folder_ / "", "-c", folder_ / "nginx.conf"}).status == 0;
    }
    ~Nginx() {
        if (started_) run({kNginx, "-p", folder_ / "", "-c", folder_ / "nginx.conf", "-s", "stop"});
    }
    static std::string missing() {
        return std::filesystem::exists(kNginx) ? "" : "nginx is not installed (nginx-light)";
    }
    bool started() const { return started_; }
    std::string url() const { return "/vsicurl/http://127.0.0.1:" + std::to_string(port_) + "/scene.tif"; }
    std::string log() const { return text_of(folder_ / "access.log"); }
    /// Answers 25 requests and then `status` (444: the connection is dropped without a word); 0: answers all.
    void refuse_with(int status) {
        configure(status == 0 ? ""
                              : "limit_req zone=few burst=24 nodelay;\n  limit_req_status " +
                                    std::to_string(status) + ";\n");
        EXPECT_EQ(run({kNginx, "-p", folder_ / "", "-c", folder_ / "nginx.conf", "-s", "stop"}).status, 0);
        const auto start = [&] {
            return run({kNginx, "-p", folder_ / "", "-c", folder_ / "nginx.conf"}).status;
        };
        int tries = 0;
        while (start() != 0 && ++tries < 20) ::usleep(100000);
        EXPECT_LT(tries, 20);
    }

private:
    void configure(const std::string& limit) {
        folder_.write("nginx.conf",
                      std::string(::getuid() == 0 ? "user root;\n" : "") + "worker_processes 1;\npid " +
                          folder_ / "nginx.pid;\n" + "error_log " + folder_ / "error.log;\n" +
                          "events {}\nhttp {\n access_log " + folder_ / "access.log;\n" +
                          " limit_req_zone $server_addr zone=few:1m rate=1r/m;\n server {\n  listen "
                          "127.0.0.1:" +
                          std::to_string(port_) + ";\n  root " + folder_ / ";\n" + "  " + limit + " }\n}\n");
    }
    const Folder& folder_;
    int port_;
    bool started_ = false;
};

class OverNginx : public testing::TestWithParam<int> {
protected:
    OverNginx() : job(false) {}
    void SetUp() override {
        if (const auto missing = Nginx::missing(); !missing.empty()) GTEST_SKIP() << missing;
        nginx = std::make_unique<Nginx>(job.folder);
        ASSERT_TRUE(nginx->started()) << text_of(job.folder / "error.log");
    }
    Outcome start() const {
        const auto definition =
            job.folder.write("over.yaml", "spectile: 1\nscene: {path: " + nginx->url() +
                                              "}\nmodel: identity\ntiling: {tile: 64, part: 512}\n"
                                              "products:\n  bands: {path: over/bands.tif}\n");
        return run_spectile({"run", definition, "--threads", "1", "--config",
                             "GDAL_DISABLE_READDIR_ON_OPEN=EMPTY_DIR", "--config",
                             "CPL_VSIL_CURL_ALLOWED_EXTENSIONS=.tif", "--config",
                             "CPL_VSIL_CURL_CHUNK_SIZE=16384", "--config", "CPL_VSIL_CURL_CACHE_SIZE=32768"});
    }
    void expect_the_straight_runs_pixels() const {
        EXPECT_EQ(checksums(job.folder / "over/bands.tif"), checksums(job.folder / "straight/bands.tif"));
    }
    SmallJob job;
    std::unique_ptr<Nginx> nginx;
};

TEST_P(OverNginx, ASceneIsReadByRangesAndARefusalIsOneLineUntilTheNextRun) {
    nginx->refuse_with(GetParam());
    const auto refused = start();
    EXPECT_THAT(refused.status, testing::AnyOf(74, 77)) << refused.err;
    EXPECT_EQ(refused.messages().size(), 1u) << refused.err;
    EXPECT_FALSE(std::filesystem::exists(job.folder / "over/bands.tif"));
    EXPECT_THAT(nginx->log(), testing::HasSubstr(" 206 ")) << "ranges, not the whole file";
    nginx->refuse_with(0);
    const auto again = start();
    ASSERT_EQ(again.status, 0) << again.err;
    expect_the_straight_runs_pixels();
}

INSTANTIATE_TEST_SUITE_P(RefusesWith, OverNginx, testing::Values(403, 444, 500, 503),
                         [](const auto& which) { return "Status" + std::to_string(which.param); });

}  // namespace
}  // namespace spectile::test
