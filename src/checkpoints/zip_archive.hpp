#pragma once

#include <map>
#include <string>

#include "checkpoints/byte_source.hpp"

namespace spectile::checkpoints {

/// The directory of a zip file whose entries are stored, not compressed, as PyTorch writes them; Zip64 too.
///
/// Only the directory is held in memory. Source: PKWARE's APPNOTE 6.3.10, sections 4.3 and 4.5.3.
class ZipArchive {
public:
    /// Whether the file begins as a zip file does.
    static bool is_zip(const ByteSource& source);

    /// Reads the directory; `source` outlives the object. Throws Error{Code::model} where it is absent (a
    /// file that was cut), contradicts the file's size, or names an entry twice; Error{Code::read}.
    explicit ZipArchive(const ByteSource& source);

    bool contains(const std::string& entry) const { return entries_.contains(entry); }
    /// Names of the entries that end so, sorted.
    std::vector<std::string> ending_in(const std::string& end) const;
    /// Where an entry's bytes lie, by its local header, whose length is not the directory's. Throws
    /// Error{Code::model} where it is absent, compressed, encrypted, or does not lie in the file.
    Extent locate(const std::string& name) const;

private:
    struct Entry {
        std::uint64_t header = 0, size = 0, packed_size = 0;
        std::uint16_t flags = 0, method = 0;
    };
    struct Directory {
        std::uint64_t offset = 0, size = 0, count = 0;
    };
    Directory find_directory() const;
    Directory zip64_directory(std::uint64_t end, Directory found) const;
    std::size_t add_entry(std::span<const std::byte> directory, std::size_t at);
    void widen(std::span<const std::byte> extra, Entry& entry) const;

    const ByteSource& source_;
    std::uint64_t entries_end_ = 0;  ///< Where the directory begins.
    std::map<std::string, Entry> entries_;
};

}  // namespace spectile::checkpoints
