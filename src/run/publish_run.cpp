#include "run/publish_run.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "core/text_file.hpp"
#include "products/assemble.hpp"
#include "products/detections.hpp"
#include "products/durable_file.hpp"
#include "products/publish.hpp"
#include "products/qgis_style.hpp"
#include "products/record.hpp"
#include "products/warp_parts.hpp"
#include "run/fill_report.hpp"
#include "run/parallel.hpp"
#include "run/provenance.hpp"
#include "run/stac_item.hpp"
#include "spectile/error.hpp"

namespace spectile::run {
namespace {

namespace fs = std::filesystem;

std::string where_of(const ProductDefinition& definition) {
    const std::string line = definition.mark.line > 0
                                 ? definition.mark.file + ":" + std::to_string(definition.mark.line) + ": "
                                 : "";
    return line + "products." + definition.kind + ": ";
}

products::AssembleJob assemble_job(const Job& job, const RasterOutput& raster, const Recipe& recipe,
                                   const Ledger& ledger, const std::string& work) {
    products::AssembleJob out;
    out.target = raster.definition.path;
    out.driver = raster.definition.format;
    out.options = raster.definition.options;
    out.where = where_of(raster.definition);
    out.grid = job.plan.output;
    out.format = raster.product->format();
    out.block = job.plan.block;
    out.threads = job.threads;
    out.parallel = parallel_for();
    out.recipe = recipe.sha256();
    out.model = job.card.name;
    out.model_sha256 = recipe.components.at("model").at("weights").get<std::string>();
    for (const auto& [index, entry] : ledger.parts()) {
        const auto& file = entry.products.at(raster.definition.kind);
        out.parts.push_back({work + "/" + file.file, job.plan.parts.part(index).window, file.blocks});
    }
    return out;
}

/// Writes `text` for `target` into the folder of files that wait for publishing.
void stage(const std::string& folder, const std::string& target, const std::string& text,
           products::Publication& publication) {
    const std::string staged = folder + "/" + fs::path(target).filename().string();
    write_text_file(staged, text);
    publication.renames.emplace_back(staged, target);
}

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

std::vector<std::string> marked_in(const Ledger& ledger) {
    std::vector<std::string> lines;
    for (const auto& [_, entry] : ledger.parts())
        lines.insert(lines.end(), entry.marked.begin(), entry.marked.end());
    return lines;
}

/// What of one scene's run waits to be renamed into place.
class Publisher {
public:
    Publisher(const Job& job, const Recipe& recipe, const std::string& work)
        : job_(job), recipe_(recipe), work_(work) {}

    void add(const RasterOutput& raster, const Ledger& ledger) {
        const auto assembly = on_product_grid(raster, assemble_job(job_, raster, recipe_, ledger, work_));
        auto result = products::assemble(assembly);
        if (job_.target) fs::remove(warped());
        auto record =
            products::make_record(raster.definition.kind, recipe_.sha256(), recipe_.text(), assembly, result);
        record.marked = marked_in(ledger);
        files_.push_back({raster.definition.kind, record.files.front()});
        auto& renames = publication_.renames;
        renames.insert(renames.end(), result.renames.begin(), result.renames.end());
        publication_.cleanups.push_back(result.temporary);
        for (const auto& stale : products::stale_sidecars(raster.definition.path, result.renames))
            publication_.removals.push_back(stale);
        stage(result.temporary, products::record_path(raster.definition.path), products::to_json(record),
              publication_);
        add_style(result.temporary, raster.definition.path, products::raster_style(assembly.format));
        results_.push_back(std::move(result));
    }

    /// The provenance file beside each raster.
    void add_provenance(const std::string& execution) {
        for (std::size_t i = 0; i < results_.size(); ++i) {
            const auto& definition = job_.rasters[i].definition;
            stage(results_[i].temporary, products::provenance_path(definition.path),
                  products::provenance_text(provenance_of(job_, recipe_, definition.kind), execution),
                  provenance_);
        }
    }

    void add_text(const std::string& target, const std::string& text) {
        stage(folder_beside(target), target, text, publication_);
    }

    /// Features of the finished scores, with record and provenance as a raster has them.
    void add_detections(const ProductDefinition& definition, const Ledger& ledger,
                        const std::string& execution) {
        const std::string folder = folder_beside(definition.path);
        const std::string staged = folder + "/" + fs::path(definition.path).filename().string();
        products::write_detections(definition, {.scores = scores(),
                                                .target = staged,
                                                .grid = job_.plan.output,
                                                .scene = job_.scene->info().stem,
                                                .onto = job_.target ? &*job_.target : nullptr});
        publication_.renames.emplace_back(staged, definition.path);
        auto record = products::make_file_record(definition.kind, recipe_.sha256(), recipe_.text(), staged);
        record.marked = marked_in(ledger);
        files_.push_back({definition.kind, record.files.front()});
        stage(folder, products::record_path(definition.path), products::to_json(record), publication_);
        add_style(folder, definition.path, products::detections_style());
        stage(folder, products::provenance_path(definition.path),
              products::provenance_text(provenance_of(job_, recipe_, definition.kind), execution),
              provenance_);
    }

    /// Sidecars and products, then provenance.
    void publish() {
        auto& renames = publication_.renames;
        renames.insert(renames.end(), provenance_.renames.begin(), provenance_.renames.end());
        products::publish(publication_, work_ + "/publish.json");
    }

    const std::vector<products::AssembleResult>& results() const { return results_; }
    /// Products whose bytes are known by now.
    const std::vector<FinishedFile>& files() const { return files_; }

private:
    /// The style beside a product, unless a user's own lies there or another product of that stem has one.
    void add_style(const std::string& folder, const std::string& product, const std::string& style) {
        const std::string target = products::style_path(product);
        if (style.empty() || !styles_.insert(target).second || !products::may_write_style(target)) return;
        stage(folder, target, style, publication_);
    }

    /// A folder on the target's file system for what waits for publishing.
    std::string folder_beside(const std::string& target) {
        fs::create_directories(products::folder_of(target));
        products::remove_leftovers_once(products::folder_of(target));
        const std::string folder = products::temporary_name(target);
        fs::create_directories(folder);
        publication_.cleanups.push_back(folder);
        return folder;
    }

    std::string warped() const { return work_ + "/warped.tif"; }

    products::AssembleJob on_product_grid(const RasterOutput& raster, products::AssembleJob assembly) {
        if (!job_.target) return assembly;
        const bool detects = std::any_of(job_.others.begin(), job_.others.end(),
                                         [](const auto& other) { return other.kind == "detections"; });
        if (detects && raster.definition.kind == "probabilities") keep_scores(assembly);
        constexpr std::uint64_t kLeast = std::uint64_t{16} << 20, kMost = std::uint64_t{256} << 20;
        return products::warp_parts(assembly, *job_.target, warped(),
                                    std::clamp(job_.memory_bytes / 8, kLeast, kMost));
    }

    /// Detections are read off the scene's own pixels, which the product no longer holds.
    void keep_scores(products::AssembleJob scores) {
        scores.target = work_ + "/scores.tif";
        scores.driver = "GTiff";
        scores.options.clear();
        const auto result = products::assemble(scores);
        own_scores_ = result.partial_path;
        publication_.cleanups.push_back(result.temporary);
    }

    /// The finished scores that detections are read off.
    std::string scores() const {
        if (!own_scores_.empty()) return own_scores_;
        for (std::size_t i = 0; i < results_.size(); ++i)
            if (job_.rasters[i].definition.kind == "probabilities") return results_[i].partial_path;
        throw Error(Code::internal, "detections without scores");
    }

    const Job& job_;
    const Recipe& recipe_;
    std::string work_;
    std::string own_scores_;  ///< On the scene's grid, where the product is on another.
    products::Publication publication_, provenance_;
    std::set<std::string> styles_;
    std::vector<products::AssembleResult> results_;
    std::vector<FinishedFile> files_;
};

/// What is neither a raster nor made of features: pages and JSON.
std::string text_of_kind(const Computed& computed, const ProductDefinition& definition,
                         const Publisher& publisher, RunReport& report) {
    const auto& [job, recipe, inputs, audit, ledger, work] = computed;
    if (definition.kind == "stac") return stac_item({job, recipe, publisher.files()}, definition, report);
    if (definition.kind == "report") return report_html(job, recipe, audit, publisher.results(), report);
    return products::provenance_text(provenance_of(job, recipe, "run"), execution_text(job, inputs, report));
}

/// The item names the others' sums, so it comes last.
std::vector<ProductDefinition> with_item_last(std::vector<ProductDefinition> others) {
    std::stable_partition(others.begin(), others.end(),
                          [](const ProductDefinition& other) { return other.kind != "stac"; });
    return others;
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

void publish_run(const Computed& computed, const RunOptions& options, RunReport& report) {
    const auto& [job, recipe, inputs, audit, ledger, work] = computed;
    const auto total = static_cast<std::int64_t>(job.rasters.size() + job.others.size() + 1);
    std::int64_t done = 0;
    const auto tell = [&] {
        if (options.progress) options.progress({"publish", done++, total, 0, 0});
    };
    const auto marked = marked_in(ledger);
    report.marked.insert(report.marked.end(), marked.begin(), marked.end());
    Publisher publisher(job, recipe, work);
    tell();
    for (const auto& raster : job.rasters) {
        publisher.add(raster, ledger);
        report.products.push_back(job.published_name(raster.definition.path));
        tell();
    }
    const std::string execution = execution_text(job, inputs, report);
    publisher.add_provenance(execution);
    for (const auto& other : with_item_last(job.others)) {
        if (other.kind == "detections")
            publisher.add_detections(other, ledger, execution);
        else
            publisher.add_text(other.path, text_of_kind(computed, other, publisher, report));
        report.products.push_back(job.published_name(other.path));
        tell();
    }
    publisher.publish();
    tell();
}

}  // namespace spectile::run
