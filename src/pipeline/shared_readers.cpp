#include "pipeline/shared_readers.hpp"

#include <algorithm>

#include "pipeline/nearest.hpp"
#include "pipeline/paths.hpp"

namespace spectile::definition {

std::string text_or(const Value& map, const char* key, const std::string& fallback) {
    const Value* found = map.find(key);
    return found ? found->text : fallback;
}

int whole_or(const Value& map, const char* key, int fallback) {
    const Value* found = map.find(key);
    const auto number = found ? whole_of(*found) : std::nullopt;
    return number ? static_cast<int>(*number) : fallback;
}

std::optional<double> number_at(const Value& map, const char* key) {
    const Value* found = map.find(key);
    return found ? number_of(*found) : std::nullopt;
}

std::string json_text_or(const Value& map, const char* key, const char* fallback) {
    const Value* found = map.find(key);
    return found ? json_of(*found).dump() : fallback;
}

std::vector<std::string> read_options(const Document& document, const Value& value) {
    std::vector<std::string> options;
    for (const auto& entry : value.entries) {
        if (!entry.value.is_scalar()) document.fail(value, "option " + entry.key + ": expected a value");
        options.push_back(entry.key + "=" + entry.value.text);
    }
    for (const auto& item : value.items) {
        const auto equals = item.text.find('=');
        if (equals == std::string::npos || equals == 0)
            document.fail(item, "options: expected NAME=VALUE, got " + shown(item));
        options.push_back(item.text);
    }
    return options;
}

AreaOfInterest read_area(const Document& document, const Value& value, const std::string& folder) {
    AreaOfInterest area;
    if (value.is_scalar()) {
        area.vector = resolved(value.text, folder);
        return area;
    }
    const Value* path = value.find("path");
    const Value* window = value.find("window");
    const Value* bbox = value.find("bbox");
    if (value.find("crs") && !bbox)
        document.fail(*value.find("crs"), "aoi.crs: belongs to bbox, which is not given");
    if (path) area.vector = resolved(path->text, folder);
    const auto whole = [](const Value& v) { return whole_of(v).value_or(0); };
    if (window) {
        const auto& n = window->items;
        area.window = Window{whole(n[0]), whole(n[1]), whole(n[2]), whole(n[3])};
        if (area.window->empty()) document.fail(*window, "aoi.window: width and height must be at least 1");
    }
    if (bbox) {
        std::array<double, 4> box{};
        for (std::size_t i = 0; i < 4; ++i) box[i] = number_of(bbox->items[i]).value_or(0);
        if (box[0] >= box[2] || box[1] >= box[3])
            document.fail(*bbox,
                          "aoi.bbox: expected xmin, ymin, xmax, ymax with xmin < xmax and ymin < ymax");
        area.bbox = box;
        area.bbox_crs = text_or(value, "crs");
    }
    return area;
}

void read_scene_keys(const Document& document, const Value& map, const std::string& folder,
                     SceneDefinition& scene) {
    if (const Value* wavelengths = map.find("wavelengths")) {
        if (wavelengths->is_scalar()) scene.wavelengths_file = resolved(wavelengths->text, folder);
        for (const auto& item : wavelengths->items)
            scene.wavelengths_nm.push_back(number_of(item).value_or(0));
    }
    if (const auto scale = number_at(map, "scale")) {
        if (*scale == 0) document.fail(*map.find("scale"), "scale: must not be 0");
        scene.scale = scale;
    }
    if (const auto offset = number_at(map, "offset")) scene.offset = offset;
    if (const auto nodata = number_at(map, "nodata")) scene.nodata = nodata;
    scene.resampling = text_or(map, "resampling");
    if (const Value* names = map.find("names"))
        for (const auto& item : names->items) scene.band_names.push_back(item.text);
    if (const Value* bands = map.find("bands")) {
        for (const auto& item : bands->items) {
            const auto band = whole_of(item).value_or(0);
            if (band > 1'000'000) document.fail(item, "bands: there is no band " + item.text);
            scene.bands.push_back(static_cast<int>(band));
        }
    }
    if (const Value* options = map.find("options")) scene.open_options = read_options(document, *options);
    if (const Value* area = map.find("aoi")) scene.aoi = read_area(document, *area, folder);
    if (const Value* mask = map.find("mask")) scene.mask = resolved(mask->text, folder);
}

SceneDefinition read_scene(const Document& document, const Value& value, const std::string& folder) {
    SceneDefinition scene;
    scene.mark = document.mark(value);
    const auto add = [&](const Value& name) { scene.paths.push_back(resolved(name.text, folder)); };
    if (value.is_scalar()) add(value);
    for (const auto& item : value.items) add(item);
    if (!value.is_map()) return scene;
    if (const Value* path = value.find("path")) {
        if (path->is_scalar()) add(*path);
        for (const auto& item : path->items) add(item);
    } else {
        scene.change = true;
        add(*value.find("before"));
        add(*value.find("after"));
    }
    read_scene_keys(document, value, folder, scene);
    return scene;
}

namespace {

void require_known(const Document& document, const Value& place, const std::string& what,
                   const std::string& name, const std::vector<std::string>& known) {
    if (known.empty() || std::find(known.begin(), known.end(), name) != known.end()) return;
    document.fail(place, "unknown " + what + " '" + name + "'" + suggestion(name, known));
}

}  // namespace

std::string read_architecture(const Document& document, const KnownNames& known) {
    const Value& architecture = *document.root.find("architecture");
    require_known(document, architecture, "architecture", architecture.text, known.architectures);
    return architecture.text;
}

std::vector<StepDefinition> read_steps(const Document& document, const Value* list, const std::string& folder,
                                       const KnownNames& known) {
    std::vector<StepDefinition> steps;
    if (!list) return steps;
    for (const auto& item : list->items) {
        StepDefinition step;
        step.base = folder;
        step.mark = document.mark(item);
        if (item.is_map()) {
            step.name = item.entries.front().key;
            const Value& given = item.entries.front().value;
            if (step.name == "preset" && given.is_scalar() && !given.is_null())
                step.parameters = nlohmann::json{{"name", given.text}}.dump();
            else if (!given.is_null())
                step.parameters = json_of(item.entries.front().value).dump();
        } else {
            step.name = item.text;
        }
        require_known(document, item, "step", step.name, known.steps);
        steps.push_back(std::move(step));
    }
    return steps;
}

BandMatching read_matching(const Document& document, const Value* map, const std::vector<ModelBand>& bands) {
    BandMatching matching;
    bool wavelengths = true, names = true;
    for (const auto& band : bands) {
        wavelengths = wavelengths && band.wavelength_nm;
        names = names && !band.name.empty();
    }
    matching.by = wavelengths && !bands.empty() ? "wavelength"
                  : names && !bands.empty()     ? "name"
                                                : "position";
    if (!map) return matching;
    matching.tolerance_nm = number_at(*map, "tolerance").value_or(0);
    matching.resample = text_or(*map, "resample", matching.resample);
    const Value* by = map->find("by");
    if (!by) return matching;
    matching.by = by->text;
    if (!bands.empty() &&
        ((matching.by == "wavelength" && !wavelengths) || (matching.by == "name" && !names)))
        document.fail(*by, "matching.by: " + matching.by + " needs a " + matching.by + " for every band");
    return matching;
}

}  // namespace spectile::definition
