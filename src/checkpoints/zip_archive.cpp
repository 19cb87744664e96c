#include "checkpoints/zip_archive.hpp"

#include <algorithm>
#include <limits>

namespace spectile::checkpoints {
namespace {

constexpr std::uint32_t kLocalMark = 0x04034b50, kDirectoryMark = 0x02014b50, kEndMark = 0x06054b50,
                        kZip64EndMark = 0x06064b50, kZip64LocatorMark = 0x07064b50;
constexpr std::size_t kLocalBytes = 30, kDirectoryBytes = 46, kEndBytes = 22, kLocatorBytes = 20,
                      kZip64EndBytes = 56, kLongestComment = 65535;
constexpr std::uint16_t kZip64Extra = 1;
constexpr std::uint32_t kElsewhere32 = std::numeric_limits<std::uint32_t>::max();
/// A directory of a checkpoint has some 60 bytes an entry; this is a million of them.
constexpr std::uint64_t kMaxDirectoryBytes = 64U << 20;

std::string_view text_at(std::span<const std::byte> bytes, std::size_t at, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes.data()) + at, size};
}

}  // namespace

bool ZipArchive::is_zip(const ByteSource& source) {
    return source.size() >= kEndBytes &&
           number_at<std::uint32_t>(read_extent(source, {0, sizeof(std::uint32_t)}), 0) == kLocalMark;
}

ZipArchive::ZipArchive(const ByteSource& source) : source_(source) {
    const Directory directory = find_directory();
    if (directory.size > kMaxDirectoryBytes || directory.count > directory.size / kDirectoryBytes)
        refuse(source.name(), "its zip directory claims " + std::to_string(directory.count) + " entries in " +
                                  std::to_string(directory.size) + " bytes");
    entries_end_ = directory.offset;
    const auto bytes = read_extent(source, {directory.offset, directory.size});
    std::size_t at = 0;
    for (std::uint64_t i = 0; i < directory.count; ++i) at = add_entry(bytes, at);
}

/// The end record is the last thing in the file but for a comment, whose length it gives.
ZipArchive::Directory ZipArchive::find_directory() const {
    if (source_.size() < kEndBytes) refuse(source_.name(), "its zip directory is not there");
    const std::uint64_t tail = std::min<std::uint64_t>(source_.size(), kEndBytes + kLongestComment);
    const auto bytes = read_extent(source_, {source_.size() - tail, tail});
    for (std::size_t at = bytes.size() - kEndBytes + 1; at-- > 0;) {
        if (number_at<std::uint32_t>(bytes, at) != kEndMark ||
            at + kEndBytes + number_at<std::uint16_t>(bytes, at + 20) != bytes.size())
            continue;
        const std::uint64_t end = source_.size() - tail + at;
        if (number_at<std::uint16_t>(bytes, at + 4) != number_at<std::uint16_t>(bytes, at + 6))
            refuse(source_.name(), "its zip file has several volumes");
        const Directory found = zip64_directory(
            end, {number_at<std::uint32_t>(bytes, at + 16), number_at<std::uint32_t>(bytes, at + 12),
                  number_at<std::uint16_t>(bytes, at + 10)});
        if (found.offset > end || found.size > end - found.offset)
            refuse(source_.name(), "its zip directory lies beyond the end of the file");
        return found;
    }
    refuse(source_.name(), "its zip directory is not there (a download that was cut off?)");
}

/// Follows the locator of Zip64 where there is one before the end record.
ZipArchive::Directory ZipArchive::zip64_directory(std::uint64_t end, Directory found) const {
    if (end < kLocatorBytes) return found;
    const auto locator = read_extent(source_, {end - kLocatorBytes, kLocatorBytes});
    if (number_at<std::uint32_t>(locator, 0) != kZip64LocatorMark) return found;
    const auto at = number_at<std::uint64_t>(locator, 8);
    if (at > end - kLocatorBytes || end - kLocatorBytes - at < kZip64EndBytes)
        refuse(source_.name(), "its Zip64 record lies beyond the end of the file");
    const auto record = read_extent(source_, {at, kZip64EndBytes});
    if (number_at<std::uint32_t>(record, 0) != kZip64EndMark)
        refuse(source_.name(), "its Zip64 record is not where the file says");
    return {number_at<std::uint64_t>(record, 48), number_at<std::uint64_t>(record, 40),
            number_at<std::uint64_t>(record, 32)};
}

/// Takes in the directory's entry at `at`; gives where the next one begins.
std::size_t ZipArchive::add_entry(std::span<const std::byte> directory, std::size_t at) {
    if (directory.size() - at < kDirectoryBytes || number_at<std::uint32_t>(directory, at) != kDirectoryMark)
        refuse(source_.name(), "its zip directory is damaged");
    const auto record = directory.subspan(at);
    const std::size_t name_bytes = number_at<std::uint16_t>(record, 28),
                      extra_bytes = number_at<std::uint16_t>(record, 30),
                      comment_bytes = number_at<std::uint16_t>(record, 32);
    if (record.size() - kDirectoryBytes < name_bytes + extra_bytes + comment_bytes)
        refuse(source_.name(), "its zip directory is damaged");
    Entry entry{.header = number_at<std::uint32_t>(record, 42),
                .size = number_at<std::uint32_t>(record, 24),
                .packed_size = number_at<std::uint32_t>(record, 20),
                .flags = number_at<std::uint16_t>(record, 8),
                .method = number_at<std::uint16_t>(record, 10)};
    widen(record.subspan(kDirectoryBytes + name_bytes, extra_bytes), entry);
    const auto name = std::string(text_at(record, kDirectoryBytes, name_bytes));
    if (!entries_.emplace(name, entry).second)
        refuse(source_.name(), "the entry " + in_quotes(name) + " occurs twice");
    return at + kDirectoryBytes + name_bytes + extra_bytes + comment_bytes;
}

/// Sizes that do not fit into 32 bits stand in an extra field, in this order, those only that do not fit.
void ZipArchive::widen(std::span<const std::byte> extra, Entry& entry) const {
    while (extra.size() >= 4) {
        const auto id = number_at<std::uint16_t>(extra, 0);
        const std::size_t size = number_at<std::uint16_t>(extra, 2);
        if (size > extra.size() - 4) return;  // Padding, as some writers leave it.
        auto field = extra.subspan(4, size);
        for (auto* value : {&entry.size, &entry.packed_size, &entry.header}) {
            if (id != kZip64Extra || *value != kElsewhere32) continue;
            if (field.size() < sizeof(std::uint64_t)) refuse(source_.name(), "a Zip64 field is too short");
            *value = number_at<std::uint64_t>(field, 0);
            field = field.subspan(sizeof(std::uint64_t));
        }
        extra = extra.subspan(4 + size);
    }
}

std::vector<std::string> ZipArchive::ending_in(const std::string& end) const {
    std::vector<std::string> names;
    for (const auto& [name, _] : entries_)
        if (name.ends_with(end)) names.push_back(name);
    return names;
}

Extent ZipArchive::locate(const std::string& name) const {
    const auto fail = [&](const char* why) {
        refuse(source_.name(), "the entry " + in_quotes(name) + " " + why);
    };
    const auto found = entries_.find(name);
    if (found == entries_.end()) fail("is not there");
    const Entry& entry = found->second;
    if (entry.flags & 1) fail("is encrypted");
    if (entry.method != 0 || entry.packed_size != entry.size)
        fail("is compressed; PyTorch stores its entries");
    if (entry.header > entries_end_ || entries_end_ - entry.header < kLocalBytes)
        fail("lies beyond the end of the file");
    const auto header = read_extent(source_, {entry.header, kLocalBytes});
    if (number_at<std::uint32_t>(header, 0) != kLocalMark) fail("is not where the zip directory says");
    const std::uint64_t name_bytes = number_at<std::uint16_t>(header, 26),
                        begin =
                            entry.header + kLocalBytes + name_bytes + number_at<std::uint16_t>(header, 28);
    if (begin > entries_end_ || entry.size > entries_end_ - begin) fail("lies beyond the end of the file");
    const auto stored = read_extent(source_, {entry.header + kLocalBytes, name_bytes});
    if (text_at(stored, 0, stored.size()) != name) fail("bears another name at its place");
    return {begin, entry.size};
}

}  // namespace spectile::checkpoints
