#include "run/published.hpp"

#include <filesystem>

#include "core/text_file.hpp"
#include "products/raster_product.hpp"
#include "products/record.hpp"
#include "run/stac_item.hpp"
#include "spectile/error.hpp"

namespace spectile::run {
namespace {

namespace fs = std::filesystem;

struct Published {
    std::string recipe;
    bool complete = false;
};

/// A product whose files are there under the final name; no recipe where it has no record of ours.
Published published_at(const std::string& path) {
    try {
        const auto record = products::read_record(path);
        return {record.recipe, record.marked.empty()};
    } catch (const Error&) {
        return {};
    }
}

/// The published products that have sums, as their records have them.
std::vector<FinishedFile> recorded_files(const Job& job) {
    std::vector<FinishedFile> files;
    const auto add = [&](const ProductDefinition& definition) {
        files.push_back({definition.kind, products::read_record(definition.path).files.front()});
    };
    for (const auto& raster : job.rasters) add(raster.definition);
    for (const auto& other : job.others)
        if (products::has_features(other.kind)) add(other);
    return files;
}

}  // namespace

bool already_published(const Job& job, const Recipe& recipe, const RunOptions& options) {
    if (options.overwrite) return false;
    const std::string wanted = recipe.sha256();
    std::size_t there = 0;
    for (const auto& raster : job.rasters) {
        const auto& path = raster.definition.path;
        if (!fs::exists(path)) continue;
        const auto published = published_at(path);
        if (published.recipe != wanted)
            throw Error(Code::publish, path +
                                           ": is there already, made with another recipe; give --overwrite, "
                                           "or write elsewhere");
        there += published.complete ? 1 : 0;
    }
    for (const auto& other : job.others) there += fs::exists(other.path) ? 1 : 0;
    return there == job.rasters.size() + job.others.size();
}

void renew_item(const Job& job, const Recipe& recipe, RunReport& report) {
    for (const auto& other : job.others) {
        if (other.kind != "stac") continue;
        const auto files = recorded_files(job);
        RunReport said;
        const std::string text = stac_item({job, recipe, files}, other, said);
        if (text == read_text_file(other.path)) continue;
        write_text_file(other.path, text);
        report.warnings.insert(report.warnings.end(), said.warnings.begin(), said.warnings.end());
        report.warnings.push_back(job.published_name(other.path) +
                                  ": written anew, since the item said something else; the products stay");
    }
}

}  // namespace spectile::run
