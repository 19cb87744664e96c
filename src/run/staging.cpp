#include "run/staging.hpp"

#include <filesystem>

#include "products/parameters.hpp"
#include "products/qgis_style.hpp"
#include "products/record.hpp"
#include "products/upload.hpp"
#include "spectile/error.hpp"

namespace spectile::run {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRoot = ".spectile-upload";

bool is_virtual(const std::string& path) { return path.starts_with("/vsi"); }

/// Local files of one product: sidecars and raster, then its record and provenance.
struct Files {
    std::vector<std::string> content, description;
};

Files files_of(const std::string& product) {
    Files files;
    const fs::path folder = fs::path(product).parent_path();
    const std::string record = products::record_path(product);
    if (!fs::exists(record)) return {{product}, {}};
    const auto read = products::read_record(product);
    for (auto file = read.files.rbegin(); file != read.files.rend(); ++file)
        files.content.push_back((folder / file->name).string());
    for (const auto& one : {products::style_path(product), record, products::provenance_path(product)})
        if (fs::exists(one)) files.description.push_back(one);
    return files;
}

/// The object that a file beside a product becomes.
std::string object_of(const std::string& file, const std::string& product, const std::string& object) {
    const auto folder = fs::path(product).parent_path();
    return (fs::path(object).parent_path() / fs::path(file).lexically_relative(folder)).string();
}

void remove_staged(const std::vector<std::string>& files) {
    std::error_code ignored;
    for (const auto& file : files) fs::remove(file, ignored);
    for (const auto& file : files)
        for (auto folder = fs::path(file).parent_path(); fs::is_empty(folder, ignored) && !ignored;
             folder = folder.parent_path()) {
            const bool root = folder.filename() == kRoot || folder.extension() == ".upload";
            fs::remove(folder, ignored);
            if (root) break;
        }
}

}  // namespace

void check_destinations(const Pipeline& pipeline) {
    for (const auto& product : pipeline.products) {
        if (!is_virtual(product.path)) continue;
        if (!products::is_bucket(product.path))
            throw Error(Code::definition, products::where(product) + product.path +
                                              ": products are written to local files, /vsis3/, /vsigs/, "
                                              "/vsiaz/, /vsiadls/ or /vsioss/");
        if (!pipeline.mosaics.empty())
            throw Error(Code::definition, products::where(product) + product.path +
                                              ": a mosaic is made of products that stay here; write them "
                                              "locally, or leave mosaic out");
    }
    for (const auto& mosaic : pipeline.mosaics)
        if (is_virtual(mosaic.path))
            throw Error(Code::definition,
                        products::where(mosaic) + mosaic.path + ": a mosaic is written to a local file");
}

std::string staged_path(const std::string& object, const RunOptions& options) {
    const fs::path root =
        options.work.empty() ? fs::current_path() / kRoot : fs::path(options.work + ".upload");
    return (fs::absolute(root) / object.substr(1)).lexically_normal().string();
}

bool already_uploaded(const Job& job, const Recipe& recipe, const RunOptions& options) {
    if (job.objects.empty() || options.overwrite) return false;
    std::size_t there = 0, raster_objects = 0;
    for (const auto& raster : job.rasters) {
        const auto object = job.objects.find(raster.definition.path);
        if (object == job.objects.end()) return false;  // Local ones decide by themselves.
        ++raster_objects;
        const std::string record = products::record_path(object->second);
        const auto text = products::text_of_object(record);
        if (!text) continue;
        if (products::record_of_json(*text, record).recipe != recipe.sha256())
            throw Error(Code::publish, object->second +
                                           ": is there already, made with another recipe; give --overwrite, "
                                           "or write elsewhere");
        ++there;
    }
    return there == raster_objects;
}

void upload_products(const Job& job) {
    std::vector<std::string> done;
    std::vector<std::pair<std::string, std::string>> content, descriptions;
    for (const auto& [local, object] : job.objects) {
        const Files files = files_of(local);
        for (const auto& file : files.content) content.emplace_back(file, object_of(file, local, object));
        for (const auto& file : files.description)
            descriptions.emplace_back(file, object_of(file, local, object));
    }
    content.insert(content.end(), descriptions.begin(), descriptions.end());
    for (const auto& [file, object] : content) {
        products::upload_file(file, object);
        done.push_back(file);
    }
    remove_staged(done);
}

}  // namespace spectile::run
