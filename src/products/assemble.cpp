#include "products/assemble.hpp"

#include <cpl_string.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "products/compare_file.hpp"
#include "products/describe_raster.hpp"
#include "products/durable_file.hpp"
#include "products/final_raster.hpp"
#include "products/part_mosaic.hpp"
#include "spectile/error.hpp"
#include "spectile/version.hpp"

namespace spectile::products {
namespace {

namespace fs = std::filesystem;

/// The folder in which a file is made: GDAL's own temporary files and sidecars stay inside, and files have
/// their final names from the start. Removed unless it is kept.
class TemporaryFolder {
public:
    explicit TemporaryFolder(const std::string& target) : path_(temporary_name(target)) {
        std::error_code failure;
        const std::string parent = folder_of(target);
        if (fs::create_directories(parent, failure); failure)
            throw Error(failure == std::errc::permission_denied ? Code::permission : Code::publish,
                        target + ": the folder " + parent + " cannot be made: " + failure.message());
        if (fs::create_directory(path_, failure); failure)
            throw_write_error(path_, "cannot be made: " + failure.message(), "");
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        if (!kept_) fs::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::string& path() const { return path_; }
    void keep() { kept_ = true; }

private:
    std::string path_;
    bool kept_ = false;
};

std::map<std::string, std::string> tags_of(const AssembleJob& job) {
    std::map<std::string, std::string> tags = {{"SPECTILE_VERSION", kVersion}};
    if (!job.recipe.empty()) tags["SPECTILE_RECIPE"] = job.recipe;
    if (!job.model.empty()) tags["SPECTILE_MODEL"] = job.model;
    if (!job.model_sha256.empty()) tags["SPECTILE_MODEL_SHA256"] = job.model_sha256;
    // GeoTIFF keeps category names in a sidecar that is easily lost; the names stand in the file too.
    nlohmann::ordered_json classes;
    for (std::size_t value = 0; value < job.format.categories.size(); ++value) {
        const bool nodata = job.format.nodata && *job.format.nodata == static_cast<double>(value);
        if (!nodata && !job.format.categories[value].empty())
            classes[std::to_string(value)] = job.format.categories[value];
    }
    if (!classes.empty()) tags["SPECTILE_CLASSES"] = classes.dump();
    return tags;
}

/// Lists the files in name order and forces them to disk.
void collect_files(const AssembleJob& job, AssembleResult& result) {
    for (const auto& entry : fs::directory_iterator(result.temporary))
        if (entry.path() != result.partial_path) result.sidecars.push_back(entry.path().string());
    std::sort(result.sidecars.begin(), result.sidecars.end());
    const fs::path folder = folder_of(job.target);
    for (const auto& path : result.sidecars) {
        sync_file(path);
        result.renames.emplace_back(path, (folder / fs::path(path).filename()).string());
    }
    for (const auto& path : files_of_product(result.partial_path)) {
        sync_file(path);
        result.bytes += static_cast<std::int64_t>(fs::file_size(path));
    }
    sync_folder(result.temporary);
    result.renames.emplace_back(result.partial_path, job.target);
}

}  // namespace

std::string default_driver(const RasterFormat& format) {
    constexpr int kMostCogBands = 16;
    return !format.band_infos.empty() || format.bands > kMostCogBands ? "GTiff" : "COG";
}

bool stored_as_is(const std::string& driver, const std::vector<std::string>& options) {
    CPLStringList given;
    for (const auto& option : options) given.AddString(option.c_str());
    const char* codec = given.FetchNameValue("COMPRESS");
    return codec ? EQUAL(codec, "NONE") : driver == "ENVI";
}

AssembleResult assemble(const AssembleJob& job) {
    PartMosaic mosaic({job.grid.width, job.grid.height, job.block}, job.parts);
    const std::string driver = job.driver.empty() ? default_driver(job.format) : job.driver;
    check_creation_options(driver, job.options, job.where);
    remove_leftovers_once(folder_of(job.target));
    TemporaryFolder folder(job.target);
    AssembleResult result;
    result.temporary = folder.path();
    result.partial_path = (fs::path(folder.path()) / fs::path(job.target).filename()).string();
    const FinalRaster final{driver,     job.options,           job.block,   job.threads, result.partial_path,
                            job.format, job.grid.georeference, tags_of(job)};
    write_final_raster(final, mosaic);
    complete_sidecar(result.partial_path, job.grid.georeference, job.format);
    compare_file(job, mosaic, result);
    collect_files(job, result);
    folder.keep();
    return result;
}

}  // namespace spectile::products
