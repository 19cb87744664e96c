#include "products/publish.hpp"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "core/text_file.hpp"
#include "products/durable_file.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& path, const std::string& what, const std::error_code& reason) {
    const bool forbidden = reason == std::errc::permission_denied ||
                           reason == std::errc::operation_not_permitted ||
                           reason == std::errc::read_only_file_system;
    throw Error(
        forbidden ? Code::permission : Code::publish,
        path + ": " + what + ": " + reason.message() + "; repair it, then run the same command again");
}

void make_folder_of(const std::string& target) {
    std::error_code failure;
    fs::create_directories(folder_of(target), failure);
    if (failure) refuse(target, "the output folder cannot be made", failure);
}

/// Renames, or finds that it was done before the crash.
void rename_once(const std::string& from, const std::string& to) {
    std::error_code failure;
    if (!fs::exists(from, failure)) {
        if (fs::exists(to, failure)) return;
        throw Error(Code::publish, to + ": neither it nor " + from + " is there; run with --restart");
    }
    // A folder (Zarr) cannot be renamed over another; a crash in between is mended by doing this again.
    if (fs::is_directory(to, failure)) fs::remove_all(to, failure);
    fs::rename(from, to, failure);
    if (failure) refuse(to, "cannot be put in place", failure);
}

void perform(const Publication& publication) {
    std::set<std::string> targets, folders;
    for (const auto& [from, to] : publication.renames) {
        targets.insert(to);
        folders.insert(folder_of(to));
        make_folder_of(to);
    }
    for (const auto& path : publication.removals) {
        std::error_code failure;
        if (targets.contains(path)) continue;
        fs::remove(path, failure);
        if (failure) refuse(path, "cannot be deleted", failure);
    }
    for (const auto& [from, to] : publication.renames) rename_once(from, to);
    for (const auto& folder : folders) sync_folder(folder);
    for (const auto& path : publication.cleanups) {
        std::error_code failure;
        fs::remove_all(path, failure);
        if (failure) refuse(path, "cannot be deleted", failure);
    }
}

void remove_journal(const std::string& journal_path) {
    std::error_code failure;
    fs::remove(journal_path, failure);
    if (failure) refuse(journal_path, "cannot be deleted", failure);
    sync_folder(folder_of(journal_path));
}

}  // namespace

void write_journal(const Publication& publication, const std::string& journal_path) {
    const nlohmann::ordered_json journal = {{"renames", publication.renames},
                                            {"removals", publication.removals},
                                            {"cleanups", publication.cleanups}};
    make_folder_of(journal_path);
    write_text_file(journal_path, journal.dump(1) + "\n");
}

void publish(const Publication& publication, const std::string& journal_path) {
    for (const auto& [from, to] : publication.renames) {
        make_folder_of(to);
        std::error_code ignored;
        if (!fs::exists(from, ignored))
            throw Error(Code::internal, from + ": to be published, but it is not there");
    }
    write_journal(publication, journal_path);
    perform(publication);
    remove_journal(journal_path);
}

bool finish_publish(const std::string& journal_path) {
    std::error_code ignored;
    if (!fs::exists(journal_path, ignored)) return false;
    const auto journal = nlohmann::json::parse(read_text_file(journal_path), nullptr, false);
    Publication publication;
    try {
        journal.at("renames").get_to(publication.renames);
        journal.at("removals").get_to(publication.removals);
        journal.at("cleanups").get_to(publication.cleanups);
    } catch (const nlohmann::json::exception& error) {
        throw Error(Code::verification, journal_path + ": the publish journal is damaged; run with --restart",
                    error.what());
    }
    perform(publication);
    remove_journal(journal_path);
    return true;
}

std::vector<std::string> stale_sidecars(const std::string& target,
                                        const std::vector<std::pair<std::string, std::string>>& renames) {
    std::vector<std::string> stale;
    for (const char* suffix : {".aux.xml", ".ovr", ".msk"}) {
        const std::string path = target + suffix;
        const bool replaced = std::any_of(renames.begin(), renames.end(),
                                          [&](const auto& pair) { return pair.second == path; });
        if (!replaced) stale.push_back(path);
    }
    return stale;
}

}  // namespace spectile::products
