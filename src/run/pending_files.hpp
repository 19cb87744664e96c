#pragma once

#include <set>
#include <string>

#include "products/publish.hpp"

namespace spectile::run {

/// Files that are finished under temporary names and wait to appear together.
class PendingFiles {
public:
    /// A folder on the target's file system for what waits; removed when all of it was published.
    std::string folder_beside(const std::string& target);
    /// Writes `text` for `target` into such a folder.
    void stage(const std::string& folder, const std::string& target, const std::string& text);
    /// The same for what appears after all products.
    void stage_provenance(const std::string& folder, const std::string& target, const std::string& text);
    /// The style beside a product, unless a user's own lies there or another product of that stem has one.
    void stage_style(const std::string& folder, const std::string& product, const std::string& style);
    /// What was written elsewhere: renames, removals and folders to remove.
    void add(const products::Publication& publication);

    /// Sidecars and products, then provenance, by a journal that the next run completes.
    void publish(const std::string& journal);

private:
    products::Publication publication_, provenance_;
    std::set<std::string> styles_;
};

}  // namespace spectile::run
