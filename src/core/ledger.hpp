#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace spectile {

/// What is remembered of one raster product's file for one part.
struct PartFile {
    std::string file;  ///< Relative to the work directory.
    std::int64_t bytes = 0;
    std::vector<std::string> blocks;  ///< XXH3 of each block's values, row by row.
};

/// A finished part: all its files are written, checked, fsynced and renamed.
struct PartEntry {
    std::int64_t part = 0;
    std::int64_t pixels_valid = 0;
    std::map<std::string, PartFile> products;  ///< By kind.
    std::vector<std::string> marked = {};      ///< Tiles that failed and were left nodata: one line each.
};

/// Parts `first` to `last`, both included.
struct PartRange {
    std::int64_t first = 0, last = std::numeric_limits<std::int64_t>::max();
    bool meets(const PartRange& other) const { return first <= other.last && other.first <= last; }
    bool operator==(const PartRange&) const = default;
};

/// The record of finished parts: append-only text, one checksummed line an entry ("<xxh3> <json>").
///
/// Every attempt writes a journal of its own (`ledger-*.log`), so that two processes in one work directory do
/// no harm; readers take the union. A journal of some parts has their range in its name, so that a thousand
/// shards do not open a thousand journals each. A torn or damaged line is passed over: its part is computed
/// again.
class Ledger {
public:
    /// Opens the folder and reads every journal in it that may speak of `parts`, the only ones to be added.
    /// Throws Error{Code::write} if the folder cannot be used.
    ///
    /// `recipe` is written beside each part; parts of another recipe (instruction level included) are left
    /// out. Empty: all are taken.
    explicit Ledger(std::string folder, std::string recipe = {}, PartRange parts = {});
    ~Ledger();
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;

    /// Finished parts by index; where several attempts finished one, the first journal by name.
    const std::map<std::int64_t, PartEntry>& parts() const { return parts_; }
    /// Appends and fsyncs. Throws Error{Code::write} naming the journal.
    void add(const PartEntry& entry);
    /// Lines that were passed over because their checksum did not fit.
    int damaged_lines() const { return damaged_lines_; }
    /// Lines that were passed over because another recipe made their part.
    int foreign_lines() const { return foreign_lines_; }
    /// Forgets one part (its file was found damaged); written to the journal so that readers agree. What is
    /// forgotten is the lines known by now: a later attempt's stays, whichever journal is read first.
    void forget(std::int64_t part);

private:
    void take(PartEntry entry);
    void read_line(const std::string& id, std::string_view body);
    void append(const std::string& body);
    void read(const std::string& path);

    std::string folder_;
    std::string recipe_;
    std::string journal_;
    PartRange range_;
    int descriptor_ = -1;
    int damaged_lines_ = 0;
    int foreign_lines_ = 0;
    std::map<std::int64_t, PartEntry> parts_;
    std::map<std::int64_t, std::vector<std::string>> lines_;  ///< Of each part: "JOURNAL:LINE".
    std::map<std::string, PartEntry> read_;                   ///< By line, until all journals are read.
    std::set<std::string> forgotten_;                         ///< Lines.
    std::int64_t appended_ = 0;
};

}  // namespace spectile
