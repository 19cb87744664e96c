#include "pipeline/scene_lists.hpp"

#include <glob.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "pipeline/message_text.hpp"
#include "pipeline/paths.hpp"
#include "pipeline/shared_readers.hpp"
#include "pipeline/yaml_text.hpp"

namespace spectile::definition {
namespace {

std::string lower_extension(const std::string& name) {
    std::string extension = std::filesystem::path(name).extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return extension;
}

/// A folder that is not there matches nothing; one that cannot be listed ends the search.
int stop_at(const char*, int reason) { return reason != ENOENT && reason != ENOTDIR; }

std::vector<std::string> files_matching(const std::string& pattern) {
    glob_t found{};
    const int problem = ::glob(pattern.c_str(), GLOB_NOSORT, stop_at, &found);
    std::vector<std::string> files(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    ::globfree(&found);
    if (problem == GLOB_ABORTED)
        throw Error(Code::read, on_one_line(pattern) + ": a folder of this pattern cannot be listed");
    std::sort(files.begin(), files.end());
    return files;
}

std::vector<SceneDefinition> scenes_from_pattern(const Document& document, const Value& value,
                                                 const std::string& pattern) {
    std::vector<SceneDefinition> scenes;
    for (const auto& file : files_matching(pattern)) {
        SceneDefinition scene;
        scene.paths = {file};
        scenes.push_back(std::move(scene));
    }
    if (scenes.empty())
        throw NoScenes(Code::missing,
                       on_one_line(document.where(value) + ": scenes: no file matches " + pattern));
    return scenes;
}

std::vector<SceneDefinition> scenes_from(const Document& document, const Value& value,
                                         const std::string& folder, const std::vector<std::string>& assets) {
    const std::string name = resolved(value.text, folder);
    const std::string extension = lower_extension(name);
    const bool is_pattern = name.find_first_of("*?[") != std::string::npos;
    const bool is_stac = extension == ".json" || extension == ".geojson";
    if (!is_pattern && !looks_like_file(name)) {
        SceneDefinition scene;
        scene.paths = {name};
        return {scene};
    }
    if (!is_stac && !assets.empty())
        document.fail(value, "scenes.assets: belongs to STAC items, which end in .json");
    if (is_pattern) return scenes_from_pattern(document, value, name);
    if (is_stac) return scenes_from_stac(read_text(name, document.code), name, folder_of(name), assets);
    if (extension == ".csv") return scenes_from_csv(read_text(name, document.code), name, folder_of(name));
    return scenes_from_pattern(document, value, name);
}

}  // namespace

std::vector<SceneDefinition> read_scenes(const Document& document, const Value& value,
                                         const std::string& folder) {
    std::vector<SceneDefinition> scenes;
    if (value.is_list()) {
        for (const auto& item : value.items) scenes.push_back(read_scene(document, item, folder));
        return scenes;
    }
    std::vector<std::string> assets;
    const Value* from = &value;
    if (value.is_map()) {
        from = value.find("from");
        if (const Value* list = value.find("assets"))
            for (const auto& item : list->items) assets.push_back(item.text);
    }
    scenes = scenes_from(document, *from, folder, assets);
    for (auto& scene : scenes) {
        scene.mark = document.mark(*from);
        if (value.is_map()) read_scene_keys(document, value, folder, scene);
    }
    return scenes;
}

}  // namespace spectile::definition
