// spectile_schemas SOURCE_FOLDER: writes the JSON Schemas and docs/PIPELINE_FORMAT.md into the source tree.
#include <cstdio>
#include <exception>
#include <string>

#include "core/text_file.hpp"
#include "pipeline/definition_schemas.hpp"

int main(int count, char** arguments) {
    if (count != 2) {
        std::fputs("usage: write_schemas SOURCE_FOLDER\n", stderr);
        return 64;
    }
    try {
        const std::string folder = arguments[1];
        using spectile::DefinitionKind;
        spectile::write_text_file(folder + "/pipelines/pipeline.schema.json",
                                  schema_json(DefinitionKind::pipeline));
        spectile::write_text_file(folder + "/pipelines/model.schema.json",
                                  schema_json(DefinitionKind::model));
        spectile::write_text_file(folder + "/pipelines/training.schema.json",
                                  schema_json(DefinitionKind::training));
        spectile::write_text_file(folder + "/docs/PIPELINE_FORMAT.md", spectile::format_markdown());
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "%s\n", problem.what());
        return 70;
    }
    return 0;
}
