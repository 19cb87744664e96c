#include "cli/object_store.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

namespace spectile::test {

namespace fs = std::filesystem;

ObjectStore::ObjectStore(const Folder& folder) : root_(folder / "store") {
    fs::create_directories(root_);
    process_ = ::fork();
    if (process_ == 0) {
        const std::string script = SPECTILE_SOURCE_DIR "/tests/support/object_store.py";
        ::execlp("python3", "python3", script.c_str(), root_.c_str(), nullptr);
        ::_exit(127);
    }
    constexpr int kTries = 200;
    for (int i = 0; i < kTries && !fs::exists(root_ + "/port"); ++i) {
        if (::waitpid(process_, nullptr, WNOHANG) == process_) {
            process_ = -1;
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    if (!fs::exists(root_ + "/port")) return;
    port_ = text_of(root_ + "/port");
    const std::string endpoint = "127.0.0.1:" + port_;
    for (const auto& [name, value] :
         {std::pair<const char*, const char*>{"AWS_S3_ENDPOINT", endpoint.c_str()},
          {"AWS_HTTPS", "NO"},
          {"AWS_VIRTUAL_HOSTING", "FALSE"},
          {"AWS_ACCESS_KEY_ID", "test"},
          {"AWS_SECRET_ACCESS_KEY", "test"}})
        ::setenv(name, value, 1);
}

ObjectStore::~ObjectStore() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
}

void ObjectStore::refuse(bool refused) const {
    if (refused)
        std::ofstream(root_ + "/refuse") << "x";
    else
        fs::remove(root_ + "/refuse");
}

std::string ObjectStore::requests() const {
    return fs::exists(root_ + "/requests") ? text_of(root_ + "/requests") : "";
}

}  // namespace spectile::test
