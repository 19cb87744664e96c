#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace spectile::weights {

/// A file that is written under a temporary name beside its own and gets its own in one rename: readers see
/// the old file or the whole new one. Removed unless `commit` was reached. One thread at a time.
class PartialFile {
public:
    /// Throws Error{Code::write} or Error{Code::permission} naming `target`, as do the others.
    explicit PartialFile(const std::string& target);
    ~PartialFile();
    PartialFile(const PartialFile&) = delete;
    PartialFile& operator=(const PartialFile&) = delete;

    void write(std::span<const std::byte> bytes);
    /// Waits for the disk, then renames.
    void commit();

private:
    void sync_folder() const;

    std::string target_, path_;
    int descriptor_ = -1;
    bool done_ = false;
};

}  // namespace spectile::weights
