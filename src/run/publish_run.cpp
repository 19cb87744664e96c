#include "run/publish_run.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>

#include "products/detections.hpp"
#include "products/label_raster.hpp"
#include "products/qgis_style.hpp"
#include "products/record.hpp"
#include "run/fill_report.hpp"
#include "run/label_tiles.hpp"
#include "run/pending_files.hpp"
#include "run/product_rasters.hpp"
#include "run/provenance.hpp"
#include "run/stac_item.hpp"
#include "run/work_directory.hpp"

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
          work_(computed.work),
          marked_(marked_in(computed.ledger)),
          rasters_(computed, pending_) {}

    void add(const RasterOutput& raster) {
        const auto assembly = rasters_.assemble(raster);
        const auto& kind = raster.definition.kind;
        files_.push_back({kind, stage_raster(kind, assembly, rasters_.results().back())});
    }

    /// The provenance file beside each raster.
    void add_provenance(const std::string& execution) {
        for (std::size_t i = 0; i < rasters_.results().size(); ++i)
            add_provenance(rasters_.results()[i].temporary, job_.rasters[i].definition.path,
                           job_.rasters[i].definition.kind, execution);
    }

    void add_text(const std::string& target, const std::string& text) {
        pending_.stage(pending_.folder_beside(target), target, text);
    }

    void add_detections(const ProductDefinition& definition, const std::string& execution) {
        add_features({definition, products::detections_style(), execution}, [&](const auto& staged) {
            products::write_detections(definition, {.scores = rasters_.scores(),
                                                    .target = staged,
                                                    .grid = job_.plan.output,
                                                    .scene = job_.scene->info().stem,
                                                    .onto = job_.target ? &*job_.target : nullptr});
        });
    }

    /// A feature for each tile, and the raster whose pixels are tiles.
    void add_labels(const ProductDefinition& definition, const std::string& execution) {
        products::LabelledTiles tiles{label_tiles(job_.plan), {}};
        tiles.labels = products::read_label_scores(rasters_.scores(), tiles.tiles);
        const auto context = job_.product_context();
        add_features({definition, products::labels_style(), execution}, [&](const auto& staged) {
            products::write_labels(definition, context, tiles,
                                   {.target = staged,
                                    .grid = job_.plan.output,
                                    .scene = job_.scene->info().stem,
                                    .onto = job_.target ? &*job_.target : nullptr});
        });
        auto assembly = rasters_.blank(definition);
        assembly.target = products::label_raster_path(definition.path);
        products::write_label_raster({definition, context, tiles, label_steps(job_.plan)},
                                     work_ + "/label-tiles.tif", assembly);
        const auto result = products::assemble(assembly);
        stage_raster(definition.kind, assembly, result);
        add_provenance(result.temporary, assembly.target, definition.kind, execution);
    }

    void publish() { pending_.publish(WorkDirectory::journal_in(work_)); }

    const std::vector<products::AssembleResult>& results() const { return rasters_.results(); }
    /// Products whose bytes are known by now.
    const std::vector<FinishedFile>& files() const { return files_; }

private:
    struct Features {
        const ProductDefinition& definition;
        std::string style;
        const std::string& execution;
    };

    /// Features of the finished scores, with record and provenance as a raster has them.
    void add_features(const Features& features, const std::function<void(const std::string&)>& write) {
        const auto& definition = features.definition;
        const std::string folder = pending_.folder_beside(definition.path);
        const std::string staged = folder + "/" + fs::path(definition.path).filename().string();
        write(staged);
        pending_.add({.renames = {{staged, definition.path}}, .removals = {}, .cleanups = {}});
        auto record = products::make_file_record(definition.kind, recipe_.sha256(), recipe_.text(), staged);
        files_.push_back({definition.kind, stage_record(folder, definition.path, std::move(record))});
        pending_.stage_style(folder, definition.path, features.style);
        add_provenance(folder, definition.path, definition.kind, features.execution);
    }

    /// An assembled raster with its record and style. Returns what the record says of the raster itself.
    products::RecordedFile stage_raster(const std::string& kind, const products::AssembleJob& assembly,
                                        const products::AssembleResult& result) {
        auto record = products::make_record(kind, recipe_.text(), assembly, result);
        pending_.add({.renames = result.renames,
                      .removals = products::stale_sidecars(assembly.target, result.renames),
                      .cleanups = {result.temporary}});
        pending_.stage_style(result.temporary, assembly.target, products::raster_style(assembly.format));
        return stage_record(result.temporary, assembly.target, std::move(record));
    }

    products::RecordedFile stage_record(const std::string& folder, const std::string& product,
                                        products::ProductRecord record) {
        record.marked = marked_;
        pending_.stage(folder, products::record_path(product), products::to_json(record));
        return record.files.front();
    }

    void add_provenance(const std::string& folder, const std::string& product, const std::string& kind,
                        const std::string& execution) {
        pending_.stage_provenance(folder, products::provenance_path(product),
                                  products::provenance_text(provenance_of(job_, recipe_, kind), execution));
    }

    const Job& job_;
    const Recipe& recipe_;
    std::string work_;
    std::vector<std::string> marked_;
    PendingFiles pending_;
    ProductRasters rasters_;
    std::vector<FinishedFile> files_;
};

/// What is neither a raster nor made of features: pages and JSON.
std::string text_of_kind(const Computed& computed, const ProductDefinition& definition,
                         const Publisher& publisher, RunReport& report) {
    const Job& job = computed.job;
    const Recipe& recipe = computed.recipe;
    if (definition.kind == "stac") return stac_item({job, recipe, publisher.files()}, definition, report);
    if (definition.kind == "report") return report_html(computed, publisher.results(), report);
    return products::provenance_text(provenance_of(job, recipe, "run"),
                                     execution_text(job, computed.inputs, report));
}

/// The item names the others' sums, so it comes last.
std::vector<ProductDefinition> with_item_last(std::vector<ProductDefinition> others) {
    std::stable_partition(others.begin(), others.end(),
                          [](const ProductDefinition& other) { return other.kind != "stac"; });
    return others;
}

}  // namespace

void publish_run(const Computed& computed, const RunOptions& options, RunReport& report) {
    const Job& job = computed.job;
    const auto total = static_cast<std::int64_t>(job.rasters.size() + job.others.size() + 1);
    std::int64_t done = 0;
    const auto tell = [&] {
        if (options.progress) options.progress({"publish", done++, total, 0, 0});
    };
    const auto marked = marked_in(computed.ledger);
    report.marked.insert(report.marked.end(), marked.begin(), marked.end());
    Publisher publisher(computed);
    tell();
    for (const auto& raster : job.rasters) {
        publisher.add(raster);
        report.products.push_back(job.published_name(raster.definition.path));
        tell();
    }
    const std::string execution = execution_text(job, computed.inputs, report);
    publisher.add_provenance(execution);
    for (const auto& other : with_item_last(job.others)) {
        if (other.kind == "detections")
            publisher.add_detections(other, execution);
        else if (other.kind == "labels")
            publisher.add_labels(other, execution);
        else
            publisher.add_text(other.path, text_of_kind(computed, other, publisher, report));
        report.products.push_back(job.published_name(other.path));
        tell();
    }
    publisher.publish();
    tell();
}

}  // namespace spectile::run
