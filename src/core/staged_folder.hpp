#pragma once

#include <filesystem>
#include <string>

#include "spectile/error.hpp"

namespace spectile {

/// A folder that is filled under a temporary name beside its own, so that nothing half-written ever lies
/// under its own. Removed with what is in it unless `publish` was reached.
class StagedFolder {
public:
    /// Makes the temporary folder, and those above it. Throws Error{Code::publish} naming `target`.
    explicit StagedFolder(const std::string& target);
    ~StagedFolder();
    StagedFolder(const StagedFolder&) = delete;
    StagedFolder& operator=(const StagedFolder&) = delete;

    /// The temporary folder.
    std::string path() const { return staging_.string(); }
    std::string operator/(const std::string& file) const { return (staging_ / file).string(); }

    /// An error that speaks of the temporary folder, or of a file in it, speaks of the target instead.
    Error in_target(const Error& error) const;

    /// Gives the folder its name. Where one is there already its other files stay, and the file `last`, which
    /// says what the others have to be, is replaced after them. Throws Error{Code::publish}.
    void publish(const std::string& last);

private:
    std::filesystem::path target_, staging_;
};

}  // namespace spectile
