#include "cli/one_line.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/known.hpp"
#include "pipeline/read_pipeline.hpp"

namespace spectile::cli {
namespace {

/// In a definition `${NAME}` is a variable; on the command line the shell has seen to those.
std::string literal(std::string text) {
    for (std::size_t at = 0; (at = text.find("${", at)) != std::string::npos; at += 3)
        text.insert(at, 1, '$');
    return text;
}

std::string option_of(std::string kind) {
    for (auto& letter : kind)
        if (letter == '_') letter = '-';
    return "--" + kind;
}

}  // namespace

void declare_one_line(CLI::App& app, OneLine& line, const std::string& main_kind,
                      const std::vector<std::string>& more_kinds) {
    app.add_option("SCENE", line.scenes, "Scenes: files, or any names that GDAL opens")
        ->required()
        ->type_name("NAME");
    app.add_option("-m,--model", line.model, "Model folder")->required()->type_name("DIR");
    app.add_option("-o,--output", line.products[main_kind],
                   "Product `" + main_kind + "`; holds {stem} where there are several scenes")
        ->required()
        ->type_name("FILE");
    for (const auto& kind : more_kinds)
        app.add_option(option_of(kind), line.products[kind], "Product `" + kind + "` too")->type_name("FILE");
    app.add_flag("--stack", line.stack, "The scenes are bands of one scene, not scenes of their own");
    declare_run_flags(app, line.flags);
}

Pipeline pipeline_of(const OneLine& line, const std::string& verb) {
    // A JSON object is a YAML map: one reader, one set of checks and messages for both ways in.
    nlohmann::ordered_json definition = {{"spectile", 1}, {"model", literal(line.model)}};
    auto scenes = nlohmann::ordered_json::array();
    for (const auto& scene : line.scenes) scenes.push_back(literal(scene));
    if (line.stack || scenes.size() == 1)
        definition["scene"] = {{"path", scenes}};
    else
        definition["scenes"] = scenes;
    for (const auto& [kind, path] : line.products)
        if (!path.empty()) definition["products"][kind] = {{"path", literal(path)}};
    Pipeline pipeline =
        read_pipeline_text(definition.dump(), "spectile " + verb, line.flags.settings, known_names());
    pipeline.file.clear();
    apply_run_flags(line.flags, pipeline);
    return pipeline;
}

}  // namespace spectile::cli
