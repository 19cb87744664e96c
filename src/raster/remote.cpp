#include "raster/remote.hpp"

#include <cpl_vsi.h>

#include <array>
#include <chrono>
#include <thread>

#include "spectile/error.hpp"

namespace spectile {
namespace {

constexpr int kTries = 3;
constexpr std::chrono::milliseconds kPause{200};

}  // namespace

bool is_remote(const std::string& name) {
    static constexpr std::array kPrefixes = {"/vsicurl",    "/vsis3",  "/vsigs",    "/vsiaz",
                                             "/vsiadls",    "/vsioss", "/vsiswift", "/vsihdfs",
                                             "/vsiwebhdfs", "http://", "https://"};
    for (const char* prefix : kPrefixes)
        if (name.find(prefix) != std::string::npos) return true;
    return false;
}

void with_retries(const std::vector<std::string>& files, const std::function<void()>& attempt,
                  bool first_contact) {
    if (files.empty()) return attempt();
    for (int tries = 1;; ++tries) {
        try {
            return attempt();
        } catch (const Error& error) {
            // A failed request is remembered by the curl cache.
            for (const auto& file : files) VSICurlPartialClearCache(file.c_str());
            if (tries == kTries)
                throw Error(first_contact ? error.code() : Code::read,
                            std::string(error.what()) + " (" + std::to_string(kTries) + " tries)",
                            error.detail());
            std::this_thread::sleep_for(kPause * tries);
        }
    }
}

}  // namespace spectile
