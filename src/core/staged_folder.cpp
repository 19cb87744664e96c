#include "core/staged_folder.hpp"

#include <unistd.h>

namespace spectile {
namespace {

namespace fs = std::filesystem;

/// "a/b/" names the folder b.
fs::path without_slash(const std::string& name) {
    const fs::path path = fs::path(name).lexically_normal();
    return path.has_filename() ? path : path.parent_path();
}

}  // namespace

StagedFolder::StagedFolder(const std::string& target)
    : target_(without_slash(target)), staging_(target_.string() + ".partial-" + std::to_string(::getpid())) {
    std::error_code failed;
    if (fs::exists(target_, failed) && !fs::is_directory(target_, failed))
        throw Error(Code::publish, target + ": is a file, and a folder is to be written");
    fs::remove_all(staging_, failed);
    if (fs::create_directories(staging_, failed); failed)
        throw Error(Code::publish, target + ": cannot be made; check the folder above it", failed.message());
}

StagedFolder::~StagedFolder() {
    std::error_code ignored;
    fs::remove_all(staging_, ignored);
}

Error StagedFolder::in_target(const Error& error) const {
    std::string message = error.what();
    for (auto at = message.find(path()); at != std::string::npos; at = message.find(path()))
        message.replace(at, path().size(), target_.string());
    return {error.code(), message, error.detail()};
}

void StagedFolder::publish(const std::string& last) {
    try {
        if (!fs::exists(target_)) return fs::rename(staging_, target_);
        for (const auto& file : fs::directory_iterator(staging_))
            if (file.path().filename() != last) fs::rename(file.path(), target_ / file.path().filename());
        fs::rename(staging_ / last, target_ / last);
    } catch (const fs::filesystem_error& e) {
        throw Error(Code::publish, target_.string() + ": the folder cannot be written", e.what());
    }
}

}  // namespace spectile
