#include "run/pending_files.hpp"

#include <filesystem>

#include "core/text_file.hpp"
#include "products/durable_file.hpp"
#include "products/qgis_style.hpp"

namespace spectile::run {
namespace {

namespace fs = std::filesystem;

void write_staged(const std::string& folder, const std::string& target, const std::string& text,
                  products::Publication& publication) {
    const std::string staged = folder + "/" + fs::path(target).filename().string();
    write_text_file(staged, text);
    publication.renames.emplace_back(staged, target);
}

}  // namespace

std::string PendingFiles::folder_beside(const std::string& target) {
    fs::create_directories(products::folder_of(target));
    products::remove_leftovers_once(products::folder_of(target));
    const std::string folder = products::temporary_name(target);
    fs::create_directories(folder);
    publication_.cleanups.push_back(folder);
    return folder;
}

void PendingFiles::stage(const std::string& folder, const std::string& target, const std::string& text) {
    write_staged(folder, target, text, publication_);
}

void PendingFiles::stage_provenance(const std::string& folder, const std::string& target,
                                    const std::string& text) {
    write_staged(folder, target, text, provenance_);
}

void PendingFiles::stage_style(const std::string& folder, const std::string& product,
                               const std::string& style) {
    const std::string target = products::style_path(product);
    if (style.empty() || !styles_.insert(target).second || !products::may_write_style(target)) return;
    stage(folder, target, style);
}

void PendingFiles::add(const products::Publication& publication) {
    const auto append = [](auto& all, const auto& more) { all.insert(all.end(), more.begin(), more.end()); };
    append(publication_.renames, publication.renames);
    append(publication_.removals, publication.removals);
    append(publication_.cleanups, publication.cleanups);
}

void PendingFiles::publish(const std::string& journal) {
    auto& renames = publication_.renames;
    renames.insert(renames.end(), provenance_.renames.begin(), provenance_.renames.end());
    products::publish(publication_, journal);
}

}  // namespace spectile::run
