#include "pipeline/paths.hpp"

#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "core/own_folder.hpp"

namespace spectile::definition {

namespace fs = std::filesystem;

bool looks_like_file(const std::string& name) {
    if (name.starts_with("/vsi") || name.starts_with('<') || name.starts_with('{')) return false;
    const auto colon = name.find(':');
    if (colon == std::string::npos || colon < 2) return true;
    for (std::size_t i = 0; i < colon; ++i)
        if (!std::isalnum(static_cast<unsigned char>(name[i])) && name[i] != '_') return true;
    return !std::isalpha(static_cast<unsigned char>(name[0]));
}

std::string resolved(const std::string& name, const std::string& folder) {
    if (!looks_like_file(name)) return name;
    return (fs::path(folder) / name).lexically_normal().string();
}

std::string folder_of(const std::string& file) {
    if (file.empty()) return fs::current_path().string();
    return fs::absolute(file).lexically_normal().parent_path().string();
}

std::vector<std::string> model_folders() {
    std::vector<std::string> folders;
    const char* named = std::getenv("SPECTILE_MODELS");
    std::istringstream places(named ? named : "");
    for (std::string place; std::getline(places, place, ':');)
        if (!place.empty()) folders.push_back(place);
    folders.push_back((own_prefix() / "share/spectile/models").string());
    return folders;
}

std::string find_model(const std::string& name, const std::string& folder) {
    const std::string near = resolved(name, folder);
    std::error_code failure;
    if (name.empty() || name.find('/') != std::string::npos || fs::exists(near, failure)) return near;
    for (const auto& place : model_folders()) {
        const auto installed = fs::path(place) / name;
        if (fs::exists(installed / "model.yaml", failure))
            return fs::absolute(installed).lexically_normal().string();
    }
    return near;
}

std::string stem_of(const std::string& name) { return fs::path(name).stem().string(); }

}  // namespace spectile::definition
