#include "cli/results_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "core/csv.hpp"
#include "core/text_file.hpp"
#include "raster/open_scene.hpp"
#include "spectile/error.hpp"

namespace spectile::cli {
namespace {

constexpr const char* kHeader = "scene,state,status,message,products,valid_pixels,seconds\n";

std::string row_of(const SceneOutcome& outcome) {
    std::string products;
    for (const auto& product : outcome.products) products += (products.empty() ? "" : ";") + product;
    return csv_row({outcome.scene, outcome.state, std::to_string(outcome.status), outcome.message, products,
                    std::to_string(outcome.pixels_valid), fmt::format("{:.3f}", outcome.seconds)});
}

}  // namespace

ResultsTable::ResultsTable(std::string path) : path_(std::move(path)) {
    if (!std::filesystem::exists(path_)) {
        write_text_file(path_, kHeader);
        return;
    }
    const std::string text = read_text_file(path_);
    if (!text.starts_with(kHeader))
        throw Error(Code::scene, path_ + ": is no table of results (its first line is not '" +
                                     std::string(kHeader).substr(0, std::strlen(kHeader) - 1) +
                                     "'); choose another --results");
    // A process that was killed may have left a piece of a row, which would swallow the next one.
    const auto whole = text.rfind('\n') + 1;
    const auto rows = csv_rows(text.substr(0, whole));
    for (std::size_t i = 1; i < rows.size(); ++i) {
        if (rows[i].size() != rows[0].size()) continue;
        states_[rows[i][0]] = rows[i][1];
        rows_[rows[i][0]] = csv_row(rows[i]);
    }
    if (whole < text.size()) close();
}

void ResultsTable::choose(const std::string& only, Pipeline& pipeline) const {
    const auto is_left_out = [&](const SceneDefinition& scene) {
        const auto known = states_.find(scene_name(scene));
        if (known == states_.end()) return only == "failed";
        return only == "new" || known->second != "failed";
    };
    std::erase_if(pipeline.scenes, is_left_out);
}

void ResultsTable::add(const SceneOutcome& outcome) {
    const std::string row = row_of(outcome);
    states_[outcome.scene] = outcome.state;
    rows_[outcome.scene] = row;
    std::ofstream out(path_, std::ios::app);
    out << row << std::flush;
    if (!out) throw Error(Code::write, path_ + ": a row cannot be added; is the disk full?");
}

void ResultsTable::close() {
    std::string text = kHeader;
    for (const auto& [scene, row] : rows_) text += row;
    write_text_file(path_, text);
}

}  // namespace spectile::cli
