#include "training/scene_index.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <functional>

#include "core/csv.hpp"
#include "pipeline/paths.hpp"
#include "spectile/error.hpp"

namespace spectile::training {
namespace {

using Fields = std::vector<std::string>;

constexpr std::int64_t kMostCrops = 1'000'000;

std::vector<std::string> parts_of(const std::string& text) {
    std::vector<std::string> parts(1);
    for (const char c : text)
        if (c == ';')
            parts.emplace_back();
        else
            parts.back() += c;
    return parts;
}

/// Whole numbers with semicolons or blanks between them; nothing where the text is something else.
std::optional<std::vector<std::int64_t>> numbers_of(const std::string& text) {
    std::vector<std::int64_t> numbers;
    const char *at = text.data(), *end = at + text.size();
    while (at < end) {
        if (*at == ';' || *at == ' ') {
            ++at;
            continue;
        }
        std::int64_t number = 0;
        const auto [stop, problem] = std::from_chars(at, end, number);
        if (problem != std::errc() || number < 0) return std::nullopt;
        numbers.push_back(number);
        at = stop;
    }
    return numbers;
}

/// A line taken apart.
class Row {
public:
    Row(const std::map<std::string, std::size_t>& columns, const std::string& line) : columns_(columns) {
        auto rows = csv_rows(line, &open_quote_);
        if (!rows.empty()) fields_ = std::move(rows.front());
    }
    bool open_quote() const { return open_quote_; }
    std::string text(const char* column) const {
        const auto found = columns_.find(column);
        return found == columns_.end() || found->second >= fields_.size() ? std::string()
                                                                          : fields_[found->second];
    }

private:
    const std::map<std::string, std::size_t>& columns_;
    Fields fields_;
    bool open_quote_ = false;
};

}  // namespace

/// Goes over the list once.
class SceneIndex::Builder {
public:
    explicit Builder(SceneIndex& index) : index_(index) {}

    void take(std::uint64_t place, const std::string& line) {
        if (index_.columns_.empty()) return take_columns(line);
        const Row row(index_.columns_, line);
        const auto fail = [&](const std::string& what) {
            throw Error(Code::definition, fmt::format("{}: {}", index_.where(place), what));
        };
        if (row.open_quote()) fail("a quote is not closed on its line");
        if (row.text("path").empty()) fail("names no scene in column path");
        const auto window = numbers_of(row.text("window"));
        if (!window || (!window->empty() && (window->size() != 4 || (*window)[2] < 1 || (*window)[3] < 1)))
            fail("window: expected x;y;width;height in pixels");
        if (!numbers_of(row.text("bands"))) fail("bands: expected numbers from 1 with semicolons between");
        const auto crops = numbers_of(row.text("crops"));
        if (!crops || crops->size() > 1 || (!crops->empty() && crops->front() > kMostCrops))
            fail(fmt::format("crops: expected a whole number up to {}", kMostCrops));
        take_date(row.text("date"), fail);
        const auto times = static_cast<std::size_t>(crops->empty() || index_.labelled_ ? 1 : crops->front());
        take_role(row, place, times, fail);
    }

    void finish() {
        if (index_.training_.empty())
            throw Error(Code::definition,
                        fmt::format("{}: holds no entry to train on", index_.summary_.file));
        index_.training_.shrink_to_fit();
        std::sort(validation_places_.begin(), validation_places_.end());
        for (const auto& [hash, place] : training_places_)
            if (std::binary_search(validation_places_.begin(), validation_places_.end(), hash))
                throw Error(Code::definition,
                            fmt::format("{}: its place also has an entry with role validation; one place "
                                        "has one role, else the held-out loss means nothing",
                                        index_.where(place)));
    }

private:
    void take_columns(const std::string& line) {
        const auto rows = csv_rows(line.starts_with("\xEF\xBB\xBF") ? line.substr(3) : line);
        for (std::size_t i = 0; !rows.empty() && i < rows.front().size(); ++i)
            index_.columns_.emplace(rows.front()[i], i);
        for (const char* column : {"path", "label"})
            if (index_.columns_.count(column) == 0 && (index_.labelled_ || column == std::string("path")))
                throw Error(Code::definition, fmt::format("{}: has no column '{}' in its first line",
                                                          index_.summary_.file, column));
    }

    template <typename Fail>
    void take_date(const std::string& date, const Fail& fail) {
        if (date.empty()) return;
        const auto digits = [&](std::size_t from, std::size_t count) {
            return date.size() >= from + count &&
                   std::all_of(date.begin() + static_cast<std::ptrdiff_t>(from),
                               date.begin() + static_cast<std::ptrdiff_t>(from + count),
                               [](char c) { return c >= '0' && c <= '9'; });
        };
        if (date.size() < 10 || !digits(0, 4) || date[4] != '-' || !digits(5, 2) || date[7] != '-' ||
            !digits(8, 2))
            fail(fmt::format("date: expected YYYY-MM-DD (and a time after it), got {}", date));
        auto& summary = index_.summary_;
        if (summary.first_date.empty() || date < summary.first_date) summary.first_date = date;
        if (date > summary.last_date) summary.last_date = date;
    }

    template <typename Fail>
    void take_role(const Row& row, std::uint64_t place, std::size_t times, const Fail& fail) {
        const auto role = row.text("role"), ground = row.text("place");
        if (role.empty() || role == "training" || role == "train") {
            ++index_.summary_.training;
            index_.training_.insert(index_.training_.end(), times, place);
            if (!ground.empty()) training_places_.emplace_back(std::hash<std::string>{}(ground), place);
        } else if (role == "validation" || role == "validate") {
            ++index_.summary_.validation;
            index_.validation_.insert(index_.validation_.end(), times, place);
            if (!ground.empty()) validation_places_.push_back(std::hash<std::string>{}(ground));
        } else if (role == "test" && index_.labelled_) {
            index_.test_.push_back(place);
        } else if (role == "test" || role == "none") {
            ++index_.summary_.left_aside;
        } else {
            fail(fmt::format("role: expected training, validation, test or none, got {}", role));
        }
    }

    SceneIndex& index_;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> training_places_;  ///< Hash and line.
    std::vector<std::uint64_t> validation_places_;
};

SceneIndex SceneIndex::open(const PretrainingDefinition& definition) {
    IndexSource source;
    source.file = definition.index;
    source.assets = definition.assets;
    source.reading.bands = definition.bands;
    return open(source);
}

SceneIndex SceneIndex::open(const IndexSource& source) {
    SceneIndex index;
    index.folder_ = definition::folder_of(source.file);
    index.reading_ = source.reading;
    index.labelled_ = source.labelled;
    index.text_ = source.labelled && std::filesystem::is_directory(source.file)
                      ? IndexText::of_folders(source.file)
                  : source.file.ends_with("json") ? IndexText::of_stac(source.file, source.assets)
                                                  : IndexText::of_file(source.file);
    index.summary_.file = std::filesystem::path(source.file).filename().string();
    Builder builder(index);
    index.summary_.sha256 = index.text_->each_line(
        [&](std::uint64_t place, const std::string& line) { builder.take(place, line); });
    builder.finish();
    return index;
}

IndexEntry SceneIndex::entry(Role role, std::uint64_t n) const {
    const Row row(columns_, text_->line(place(role, n)));
    IndexEntry entry;
    entry.scene = reading_;
    for (const auto& path : parts_of(row.text("path")))
        entry.scene.paths.push_back(definition::resolved(path, folder_));
    if (const auto bands = numbers_of(row.text("bands")); bands && !bands->empty())
        entry.scene.bands.assign(bands->begin(), bands->end());
    if (const auto w = numbers_of(row.text("window")); w && w->size() == 4)
        entry.window = Window{(*w)[0], (*w)[1], (*w)[2], (*w)[3]};
    entry.label = row.text("label");
    entry.place = row.text("place");
    entry.has_role = !row.text("role").empty();
    return entry;
}

}  // namespace spectile::training
