// Folders of images as an index.
#include <filesystem>
#include <set>

#include "core/csv.hpp"
#include "spectile/error.hpp"
#include "training/held_text.hpp"

namespace spectile::training {
namespace {

namespace fs = std::filesystem;

bool is_image(const fs::directory_entry& entry) {
    const auto name = entry.path().filename().string();
    if (!entry.is_regular_file() || name.starts_with('.')) return false;
    return !name.ends_with(".aux.xml") && !name.ends_with(".ovr") && !name.ends_with(".hdr");
}

/// In the order of their names, which that of a folder is not.
std::set<fs::path> entries_of(const fs::path& folder, bool folders) {
    std::set<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(folder))
        if (folders ? entry.is_directory() && !entry.path().filename().string().starts_with('.')
                    : is_image(entry))
            paths.insert(entry.path());
    return paths;
}

}  // namespace

std::shared_ptr<const IndexText> IndexText::of_folders(const std::string& folder) {
    std::string text = "path,label\n";
    try {
        for (const auto& of_class : entries_of(folder, /*folders=*/true))
            for (const auto& image : entries_of(of_class, /*folders=*/false))
                text += csv_row({image.string(), of_class.filename().string()});
    } catch (const fs::filesystem_error& problem) {
        throw Error(Code::read, folder + ": the folder cannot be read", problem.what());
    }
    return std::make_shared<HeldText>(folder, "image", std::move(text));
}

}  // namespace spectile::training
