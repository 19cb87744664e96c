#include "pipeline/one_line.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "pipeline/model_card.hpp"
#include "pipeline/paths.hpp"
#include "pipeline/read_pipeline.hpp"
#include "pipeline/tasks.hpp"
#include "pipeline/write_yaml.hpp"
#include "spectile/error.hpp"

namespace spectile {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct Verb {
    const char* name;
    const char* product;
    const char* extension;
};

Verb verb_of(Task task) {
    switch (task) {
        case Task::classification:
            return {"classify", "class_map", ".tif"};
        case Task::segmentation:
            return {"segment", "class_map", ".tif"};
        case Task::detection:
            return {"detect", "detections", ".gpkg"};
        case Task::change:
            return {"change", "change_map", ".tif"};
        case Task::labels:
            return {"label", "labels", ".gpkg"};
        case Task::bands:
            break;
    }
    return {"run", "bands", ".tif"};
}

bool is_vector_file(const std::string& name) {
    const auto extension = fs::path(name).extension().string();
    for (const char* known : {".gpkg", ".geojson", ".json", ".fgb", ".csv"})
        if (extension == known) return true;
    return false;
}

/// `${` in a name is the name's own, no variable.
std::string literal(const std::string& name) {
    std::string text;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (name.compare(i, 2, "${") == 0) text += '$';
        text += name[i];
    }
    return text;
}

/// The product's path: `output` itself, or a file in it where it is a folder.
std::string product_path(const OneLine& line, const Verb& verb) {
    const bool several = line.scenes.size() > 1 && !line.stack && line.task != Task::change;
    const fs::path output(line.output);
    std::error_code problem;
    const bool folder =
        line.output.ends_with('/') || fs::is_directory(output, problem) ||
        (several && output.extension().empty() && line.output.find("{stem}") == std::string::npos);
    if (folder) return (output / (std::string("{stem}") + verb.extension)).string();
    if (several && line.output.find("{stem}") == std::string::npos)
        throw Error(Code::usage,
                    "-o " + line.output + ": " + std::to_string(line.scenes.size()) +
                        " scenes would write to one file; put {stem} into it, name a folder, or --stack");
    return line.output;
}

Json scene_part(const OneLine& line) {
    Json made = Json::object();
    Json names = Json::array();
    for (const auto& scene : line.scenes) names.push_back(literal(scene));
    if (line.task == Task::change) {
        if (line.scenes.size() != 2)
            throw Error(Code::usage, "change takes two scenes, BEFORE and AFTER; got " +
                                         std::to_string(line.scenes.size()));
        made["scene"] = Json{{"before", names[0]}, {"after", names[1]}};
    } else if (line.scenes.size() == 1) {
        made["scene"] = Json{{"path", names[0]}};
    } else if (line.stack) {
        made["scene"] = Json{{"path", names}};
    } else {
        made["scenes"] = names;
    }
    return made;
}

Verb fitting_verb(const OneLine& line) {
    Verb verb = verb_of(line.task);
    const ModelCard card = read_model_card(definition::find_model(line.model, ""));
    if (card.task == Task::bands) return verb_of(Task::bands);
    // A network that labels whole tiles may be called one for classification, and then gives each pixel its
    // tile's class.
    const auto classes = [](Task task) {
        return task == Task::classification || task == Task::segmentation || task == Task::labels;
    };
    if (card.task != line.task && !(classes(card.task) && classes(line.task)))
        throw Error(Code::usage, std::string(verb.name) + ": the model " + line.model + " does " +
                                     definition::name_of(card.task) + "; use 'spectile " +
                                     verb_of(card.task).name + "'");
    if (line.task == Task::detection && !is_vector_file(line.output) &&
        fs::path(line.output).has_extension() && !line.output.ends_with('/'))
        return {verb.name, "mask", ".tif"};
    return verb;
}

}  // namespace

std::string one_line_text(const OneLine& line) {
    if (line.scenes.empty()) throw Error(Code::usage, "no scene is named");
    if (line.output.empty()) throw Error(Code::usage, "no output is named; give -o OUT");
    Json made = Json{{"spectile", 1}};
    made.update(scene_part(line));
    const Verb verb = fitting_verb(line);
    const fs::path path = product_path(line, verb);
    made["model"] = literal(line.model);
    made["products"][verb.product] = Json{{"path", literal(path.string())}};
    made["products"]["report"] = Json{{"path", literal(fs::path(path).replace_extension(".html").string())}};
    return definition::yaml_of(made);
}

Pipeline one_line(const OneLine& line, const std::vector<std::string>& sets, const KnownNames& known) {
    return read_pipeline_text(one_line_text(line), "", sets, known);
}

}  // namespace spectile
