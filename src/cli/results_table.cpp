#include "cli/results_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

#include "core/text_file.hpp"
#include "spectile/error.hpp"

namespace spectile::cli {
namespace {

constexpr const char* kHeader = "scene,state,status,message,products,valid_pixels,seconds";

/// One field, quoted where RFC 4180 wants it; a line end would end the row for simpler readers.
std::string field(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    if (text.find_first_of(",\"\r") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + '"';
}

/// The first `count` fields of a row.
std::vector<std::string> first_fields(const std::string& row, std::size_t count) {
    std::vector<std::string> out(1);
    bool quoted = false;
    for (std::size_t i = 0; i < row.size() && out.size() <= count; ++i) {
        if (row[i] == '"' && quoted && i + 1 < row.size() && row[i + 1] == '"')
            out.back() += row[i++];
        else if (row[i] == '"')
            quoted = !quoted;
        else if (row[i] == ',' && !quoted)
            out.emplace_back();
        else
            out.back() += row[i];
    }
    out.resize(count);
    return out;
}

std::string row_of(const SceneOutcome& outcome) {
    std::string products;
    for (const auto& product : outcome.products) products += (products.empty() ? "" : ";") + product;
    return fmt::format("{},{},{},{},{},{},{:.3f}", field(outcome.scene), outcome.state, outcome.status,
                       field(outcome.message), field(products), outcome.pixels_valid, outcome.seconds);
}

}  // namespace

ResultsTable::ResultsTable(std::string path) : path_(std::move(path)) {
    if (!std::filesystem::exists(path_)) {
        write_text_file(path_, std::string(kHeader) + "\n");
        return;
    }
    std::ifstream in(path_);
    std::string line;
    if (!in || !std::getline(in, line)) throw Error(Code::read, path_ + ": the table cannot be read");
    if (line != kHeader)
        throw Error(Code::scene, path_ + ": is no table of results (its first line is not '" + kHeader +
                                     "'); choose another --results");
    while (std::getline(in, line)) {
        const auto fields = first_fields(line, 2);
        states_[fields[0]] = fields[1];
        rows_[fields[0]] = line;
    }
}

void ResultsTable::choose(const std::string& only, Pipeline& pipeline) const {
    const auto is_left_out = [&](const SceneDefinition& scene) {
        const auto known = states_.find(scene.paths.front());
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
    out << row + "\n" << std::flush;
    if (!out) throw Error(Code::write, path_ + ": a row cannot be added; is the disk full?");
}

void ResultsTable::close() {
    std::string text = std::string(kHeader) + "\n";
    for (const auto& [scene, row] : rows_) text += row + "\n";
    write_text_file(path_, text);
}

}  // namespace spectile::cli
