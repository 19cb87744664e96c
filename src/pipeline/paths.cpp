#include "pipeline/paths.hpp"

#include <cctype>
#include <filesystem>

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

std::string stem_of(const std::string& name) { return fs::path(name).stem().string(); }

}  // namespace spectile::definition
