#include "run/publish_run.hpp"

#include <algorithm>
#include <filesystem>

#include "products/detections.hpp"
#include "products/qgis_style.hpp"
#include "products/record.hpp"
#include "run/fill_report.hpp"
#include "run/pending_files.hpp"
#include "run/product_rasters.hpp"
#include "run/provenance.hpp"
#include "run/stac_item.hpp"

namespace spectile::run {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> marked_in(const Ledger& ledger) {
    std::vector<std::string> lines;
    for (const auto& [_, entry] : ledger.parts())
        lines.insert(lines.end(), entry.marked.begin(), entry.marked.end());
    return lines;
}

/// Makes each product of one scene's run and lets it wait, with record, style and provenance.
class Publisher {
public:
    explicit Publisher(const Computed& computed)
        : job_(computed.job),
          recipe_(computed.recipe),
          marked_(marked_in(computed.ledger)),
          rasters_(job_, recipe_, computed.ledger, computed.work, pending_) {}

    void add(const RasterOutput& raster) {
        const auto assembly = rasters_.assemble(raster);
        const auto& result = rasters_.results().back();
        const auto& path = raster.definition.path;
        auto record =
            products::make_record(raster.definition.kind, recipe_.sha256(), recipe_.text(), assembly, result);
        pending_.add({.renames = result.renames,
                      .removals = products::stale_sidecars(path, result.renames),
                      .cleanups = {result.temporary}});
        add_record(result.temporary, path, std::move(record));
        pending_.stage_style(result.temporary, path, products::raster_style(assembly.format));
    }

    /// The provenance file beside each raster.
    void add_provenance(const std::string& execution) {
        for (std::size_t i = 0; i < rasters_.results().size(); ++i)
            add_provenance(rasters_.results()[i].temporary, job_.rasters[i].definition, execution);
    }

    void add_text(const std::string& target, const std::string& text) {
        pending_.stage(pending_.folder_beside(target), target, text);
    }

    /// Features of the finished scores, with record and provenance as a raster has them.
    void add_detections(const ProductDefinition& definition, const std::string& execution) {
        const std::string folder = pending_.folder_beside(definition.path);
        const std::string staged = folder + "/" + fs::path(definition.path).filename().string();
        products::write_detections(definition, {.scores = rasters_.scores(),
                                                .target = staged,
                                                .grid = job_.plan.output,
                                                .scene = job_.scene->info().stem,
                                                .onto = job_.target ? &*job_.target : nullptr});
        pending_.add({.renames = {{staged, definition.path}}, .removals = {}, .cleanups = {}});
        add_record(folder, definition.path,
                   products::make_file_record(definition.kind, recipe_.sha256(), recipe_.text(), staged));
        pending_.stage_style(folder, definition.path, products::detections_style());
        add_provenance(folder, definition, execution);
    }

    void publish(const std::string& work) { pending_.publish(work + "/publish.json"); }

    const std::vector<products::AssembleResult>& results() const { return rasters_.results(); }
    /// Products whose bytes are known by now.
    const std::vector<FinishedFile>& files() const { return files_; }

private:
    void add_record(const std::string& folder, const std::string& product, products::ProductRecord record) {
        record.marked = marked_;
        files_.push_back({record.kind, record.files.front()});
        pending_.stage(folder, products::record_path(product), products::to_json(record));
    }
    void add_provenance(const std::string& folder, const ProductDefinition& definition,
                        const std::string& execution) {
        pending_.stage_provenance(
            folder, products::provenance_path(definition.path),
            products::provenance_text(provenance_of(job_, recipe_, definition.kind), execution));
    }

    const Job& job_;
    const Recipe& recipe_;
    std::vector<std::string> marked_;
    PendingFiles pending_;
    ProductRasters rasters_;
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

void publish_run(const Computed& computed, const RunOptions& options, RunReport& report) {
    const auto& [job, recipe, inputs, audit, ledger, work] = computed;
    const auto total = static_cast<std::int64_t>(job.rasters.size() + job.others.size() + 1);
    std::int64_t done = 0;
    const auto tell = [&] {
        if (options.progress) options.progress({"publish", done++, total, 0, 0});
    };
    const auto marked = marked_in(ledger);
    report.marked.insert(report.marked.end(), marked.begin(), marked.end());
    Publisher publisher(computed);
    tell();
    for (const auto& raster : job.rasters) {
        publisher.add(raster);
        report.products.push_back(job.published_name(raster.definition.path));
        tell();
    }
    const std::string execution = execution_text(job, inputs, report);
    publisher.add_provenance(execution);
    for (const auto& other : with_item_last(job.others)) {
        if (other.kind == "detections")
            publisher.add_detections(other, execution);
        else
            publisher.add_text(other.path, text_of_kind(computed, other, publisher, report));
        report.products.push_back(job.published_name(other.path));
        tell();
    }
    publisher.publish(work);
    tell();
}

}  // namespace spectile::run
