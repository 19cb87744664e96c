#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "spectile/progress.hpp"
#include "spectile/scene.hpp"

namespace spectile {

/// What can be known of a file without reading it: enough to see that it is still the one that was hashed.
struct FileStamp {
    std::string path;
    std::uint64_t bytes = 0;
    std::int64_t modified = 0;  ///< Seconds since 1970; 0 where the file system does not say.
    bool operator==(const FileStamp&) const = default;
};

struct FileHash {
    FileStamp stamp;
    std::string sha256;  ///< Lower-case hex.
    bool operator==(const FileHash&) const = default;
};

/// The content of a scene.
struct InputHash {
    std::vector<FileHash> files;  ///< In the order of `stamp_inputs`.
    std::string sha256;           ///< Of the files' hashes in this order: the same wherever the files lie.
};

/// Size and time of every file in `info.files`, folders (Zarr, SAFE) file by file in sorted order, none
/// twice. Throws Error{Code::missing} naming a file that is gone.
std::vector<FileStamp> stamp_inputs(const SceneInfo& info);

/// SHA-256 of each file, read through GDAL's file systems, so that /vsi names work. What `known` holds with
/// the same path, size and time is not read again. `progress` is told of the bytes hashed or found unchanged.
/// Throws Error{Code::missing}, Error{Code::read} naming the file.
InputHash hash_inputs(const SceneInfo& info, const std::vector<FileHash>& known = {},
                      const ProgressListener& progress = {});

/// Of size and time of the files alone, for looks that are not worth reading everything: the files' own
/// hashes stay empty. Throws as `stamp_inputs`.
InputHash hash_stamps(const SceneInfo& info);

/// SHA-256 of one file or /vsi name; `read` is called after each piece. Throws as above.
std::string hash_file(const std::string& path, const std::function<void(std::uint64_t bytes)>& read = {});

}  // namespace spectile
