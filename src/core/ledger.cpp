#include "core/ledger.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "core/checksum.hpp"
#include "spectile/error.hpp"

namespace spectile {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

json to_json(const PartEntry& entry) {
    json products = json::object();
    for (const auto& [kind, file] : entry.products)
        products[kind] = {{"file", file.file}, {"bytes", file.bytes}, {"blocks", file.blocks}};
    json line = {{"part", entry.part}, {"valid", entry.pixels_valid}, {"products", products}};
    if (!entry.marked.empty()) line["marked"] = entry.marked;
    return line;
}

PartEntry from_json(const json& line) {
    PartEntry entry;
    entry.part = line.at("part").get<std::int64_t>();
    entry.pixels_valid = line.at("valid").get<std::int64_t>();
    entry.marked = line.value("marked", std::vector<std::string>{});
    for (const auto& [kind, file] : line.at("products").items())
        entry.products[kind] = {file.at("file").get<std::string>(), file.at("bytes").get<std::int64_t>(),
                                file.at("blocks").get<std::vector<std::string>>()};
    return entry;
}

/// The JSON of a line whose checksum fits, else an empty view.
std::string_view checked(std::string_view line) {
    if (line.size() < 18 || line[16] != ' ') return {};
    const auto body = line.substr(17);
    return xxh3_hex(body.data(), body.size()) == line.substr(0, 16) ? body : std::string_view{};
}

/// What a journal's name says that it may speak of.
PartRange range_in(const std::string& name) {
    PartRange range;
    long long first = 0, last = 0;
    if (std::sscanf(name.c_str(), "ledger-p%lld-p%lld-", &first, &last) == 2) range = {first, last};
    return range;
}

}  // namespace

Ledger::Ledger(std::string folder, std::string recipe, PartRange parts)
    : folder_(std::move(folder)), recipe_(std::move(recipe)), range_(parts) {
    std::error_code error;
    fs::create_directories(folder_, error);
    std::vector<std::string> journals;
    for (const auto& item : fs::directory_iterator(folder_, error)) {
        const auto name = item.path().filename().string();
        if (name.starts_with("ledger-") && name.ends_with(".log") && range_in(name).meets(range_))
            journals.push_back(item.path().string());
    }
    if (error) throw Error(Code::write, folder_ + ": the work directory cannot be used: " + error.message());
    std::sort(journals.begin(), journals.end());
    for (const auto& path : journals) read(path);
    for (auto& [line, entry] : read_) {
        if (forgotten_.contains(line)) continue;
        lines_[entry.part].push_back(line);
        take(std::move(entry));
    }
    read_.clear();
}

Ledger::~Ledger() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void Ledger::read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    const std::string journal = fs::path(path).filename().string();
    std::string line;
    for (std::int64_t number = 1; std::getline(in, line); ++number)
        read_line(journal + ":" + std::to_string(number), checked(line));
}

void Ledger::read_line(const std::string& id, std::string_view body) {
    const json parsed = body.empty() ? json() : json::parse(body, nullptr, false);
    if (!parsed.is_object() || !parsed.contains("part")) {
        ++damaged_lines_;
        return;
    }
    try {
        if (parsed.contains("forget"))
            for (const auto& line : parsed.at("forget")) forgotten_.insert(line.get<std::string>());
        else if (!recipe_.empty() && parsed.value("recipe", recipe_) != recipe_)
            ++foreign_lines_;
        else
            read_.emplace(id, from_json(parsed));
    } catch (const json::exception&) {
        ++damaged_lines_;
    }
}

void Ledger::take(PartEntry entry) {
    const auto known = parts_.find(entry.part);
    // A part that was made again without failures stands for one that has some, whichever journal comes
    // first.
    if (known != parts_.end() && !(entry.marked.empty() && !known->second.marked.empty())) return;
    parts_.insert_or_assign(entry.part, std::move(entry));
}

void Ledger::append(const std::string& body) {
    if (descriptor_ < 0) {
        std::random_device random;
        const std::string range =
            range_ == PartRange{} ? "" : fmt::format("p{}-p{}-", range_.first, range_.last);
        journal_ = folder_ + "/" +
                   fmt::format("ledger-{}{:08x}{:08x}-{}.log", range, random(), random(), ::getpid());
        descriptor_ = ::open(journal_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
        if (descriptor_ < 0) throw Error(Code::write, journal_ + ": cannot be made: " + std::strerror(errno));
    }
    const std::string line = xxh3_hex(body.data(), body.size()) + " " + body + "\n";
    const auto written = ::write(descriptor_, line.data(), line.size());
    if (written != static_cast<ssize_t>(line.size()) || ::fsync(descriptor_) != 0)
        throw Error(Code::write, journal_ + ": cannot be written: " + std::strerror(errno));
    ++appended_;
}

void Ledger::add(const PartEntry& entry) {
    json line = to_json(entry);
    if (!recipe_.empty()) line["recipe"] = recipe_;
    append(line.dump());
    lines_[entry.part].push_back(fs::path(journal_).filename().string() + ":" + std::to_string(appended_));
    parts_.insert_or_assign(entry.part, entry);
}

void Ledger::forget(std::int64_t part) {
    append(json{{"part", part}, {"forget", lines_[part]}}.dump());
    lines_.erase(part);
    parts_.erase(part);
}

}  // namespace spectile
