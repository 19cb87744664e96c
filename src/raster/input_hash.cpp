#include "raster/input_hash.hpp"

#include <cpl_string.h>
#include <cpl_vsi.h>

#include <algorithm>
#include <memory>
#include <set>

#include "core/checksum.hpp"
#include "gdal/errors.hpp"
#include "gdal/setup.hpp"
#include "raster/remote.hpp"
#include "spectile/error.hpp"

namespace spectile {
namespace {

constexpr std::size_t kReadBytes = std::size_t{4} << 20;

struct FileCloser {
    void operator()(VSILFILE* file) const { VSIFCloseL(file); }
};

void add_stamps(const std::string& path, std::set<std::string>& seen, std::vector<FileStamp>& out) {
    if (!seen.insert(path).second) return;
    VSIStatBufL status{};
    if (VSIStatL(path.c_str(), &status) != 0)
        throw Error(Code::missing, path + ": the file belongs to the scene and is not there; restore it");
    if (!VSI_ISDIR(status.st_mode)) {
        out.push_back(
            {path, static_cast<std::uint64_t>(status.st_size), static_cast<std::int64_t>(status.st_mtime)});
        return;
    }
    const CPLStringList names(VSIReadDir(path.c_str()));
    std::vector<std::string> sorted(names.List(), names.List() + names.size());
    std::sort(sorted.begin(), sorted.end());
    for (const auto& name : sorted)
        if (name != "." && name != "..")
            add_stamps(path + (path.ends_with('/') ? "" : "/") + name, seen, out);
}

std::string hash_once(const std::string& path, const std::function<void(std::uint64_t bytes)>& read) {
    GdalErrors errors;
    const std::unique_ptr<VSILFILE, FileCloser> file(VSIFOpenL(path.c_str(), "rb"));
    VSIStatBufL status{};
    const bool there = VSIStatL(path.c_str(), &status) == 0;
    if (!file)
        throw Error(there ? Code::permission : Code::missing,
                    path + (there ? ": not allowed to read it" : ": no such file"), errors.text());
    Sha256 sha;
    std::vector<char> buffer(kReadBytes);
    std::uint64_t total = 0;
    while (const std::size_t got = VSIFReadL(buffer.data(), 1, buffer.size(), file.get())) {
        sha.update(buffer.data(), got);
        total += got;
        if (read) read(got);
    }
    // A failed read looks like the end of the file; the size tells.
    if (errors.failed() || (there && total != static_cast<std::uint64_t>(status.st_size)))
        throw Error(Code::read,
                    path + ": could be read only up to byte " + std::to_string(total) +
                        "; check the file and the disk",
                    errors.text());
    return sha.finish();
}

}  // namespace

std::vector<FileStamp> stamp_inputs(const SceneInfo& info) {
    start_gdal();
    GdalErrors quiet;  // What is missing is said by the exception.
    std::set<std::string> seen;
    std::vector<FileStamp> out;
    for (const auto& path : info.files) add_stamps(path, seen, out);
    return out;
}

std::string hash_file(const std::string& path, const std::function<void(std::uint64_t bytes)>& read) {
    start_gdal();
    std::string sha256;
    const std::vector<std::string> remote(is_remote(path) ? 1 : 0, path);
    with_retries(remote, [&] { sha256 = hash_once(path, read); });
    return sha256;
}

InputHash hash_stamps(const SceneInfo& info) {
    InputHash out;
    std::string all = "stamps";
    for (const auto& stamp : stamp_inputs(info)) {
        out.files.push_back({stamp, ""});
        all += " " + std::to_string(stamp.bytes) + " " + std::to_string(stamp.modified);
    }
    out.sha256 = sha256_of(all);
    return out;
}

InputHash hash_inputs(const SceneInfo& info, const std::vector<FileHash>& known,
                      const ProgressListener& progress) {
    InputHash out;
    std::string all;
    const auto stamps = stamp_inputs(info);
    std::uint64_t done = 0, total = 0;
    for (const auto& stamp : stamps) total += stamp.bytes;
    const auto tell = [&](std::uint64_t bytes) {
        done += bytes;
        if (progress)
            progress({.stage = "fingerprint",
                      .done = static_cast<std::int64_t>(done),
                      .total = static_cast<std::int64_t>(total)});
    };
    for (const auto& stamp : stamps) {
        const auto same = std::find_if(known.begin(), known.end(),
                                       [&](const FileHash& hash) { return hash.stamp == stamp; });
        const bool remembered = same != known.end();
        out.files.push_back({stamp, remembered ? same->sha256 : hash_file(stamp.path, tell)});
        if (remembered) tell(stamp.bytes);
        all += out.files.back().sha256 + "\n";
    }
    out.sha256 = sha256_of(all);
    return out;
}

}  // namespace spectile
