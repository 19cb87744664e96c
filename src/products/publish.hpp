#pragma once

#include <string>
#include <utility>
#include <vector>

namespace spectile::products {

/// Everything that makes finished products visible, as a list of renames that can be repeated.
struct Publication {
    /// (temporary, final), in this order: sidecars, products, records, provenance last.
    std::vector<std::pair<std::string, std::string>> renames;
    /// Files that describe the former products and are not replaced, such as an old .aux.xml; deleted first.
    /// What is also the target of a rename is left alone.
    std::vector<std::string> removals;
    /// Temporary folders, deleted at the end.
    std::vector<std::string> cleanups;
};

/// Makes products visible under their final names.
///
/// The list is written to `journal_path` first; whatever point a crash strikes, `finish_publish` completes
/// it. Folders of the targets are made if missing. All renames stay within one file system. Throws
/// Error{Code::permission} where the file system does not allow it, Error{Code::publish} otherwise; the
/// journal then stays, and running the same command again goes on.
void publish(const Publication& publication, const std::string& journal_path);

/// Completes a publish that was cut off. Returns false where there is no journal.
/// Throws as `publish`, and Error{Code::verification} for a journal that cannot be read.
bool finish_publish(const std::string& journal_path);

/// The first step of `publish`: the journal, forced to disk.
void write_journal(const Publication& publication, const std::string& journal_path);

/// Sidecars that GDAL may have left beside an older product at `target` and that `renames` does not replace.
std::vector<std::string> stale_sidecars(const std::string& target,
                                        const std::vector<std::pair<std::string, std::string>>& renames);

}  // namespace spectile::products
