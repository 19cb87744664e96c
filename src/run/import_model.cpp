#include "run/import_model.hpp"

#include <algorithm>
#include <filesystem>

#include "core/checksum.hpp"
#include "core/staged_folder.hpp"
#include "core/text_file.hpp"
#include "models/entries/registry.hpp"
#include "pipeline/model_card.hpp"
#include "pipeline/write_yaml.hpp"
#include "spectile/error.hpp"
#include "stac/fields.hpp"
#include "stac/read_model_item.hpp"

namespace spectile::run {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCardFile = "model.yaml";

/// The file that an asset means, on this machine.
std::string local_file(const stac::ItemFile& file, const ImportOptions& options) {
    const std::string folder = fs::absolute(options.item).parent_path().string();
    const std::string path = stac::path_of_href(file.href, folder);
    const std::string asset = options.item + ": asset '" + file.asset + "': ";
    if (path.empty())
        throw Error(Code::missing,
                    asset + file.href + " is not on this machine; fetch it and put its path into href");
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) throw Error(Code::missing, asset + path + " is not there");
    return path;
}

/// A name in the model folder; the item is somebody's, and must not reach out of it.
void refuse_outside(const stac::ItemFile& file, const ImportOptions& options) {
    const fs::path name = fs::path(file.name).lexically_normal();
    if (name.empty() || name.is_absolute() || *name.begin() == "..")
        throw Error(Code::model, options.item + ": spectile:card names '" + file.name +
                                     "', which leaves the model folder");
}

/// The copy's SHA-256.
std::string copy_into(const StagedFolder& staged, const stac::ItemFile& file, const ImportOptions& options,
                      ImportReport& report) {
    refuse_outside(file, options);
    const std::string from = local_file(file, options), to = staged / file.name;
    fs::create_directories(fs::path(to).parent_path());
    std::error_code problem;
    if (!fs::copy_file(from, to, problem))
        throw Error(Code::write, to + ": cannot be copied from " + from, problem.message());
    report.bytes += fs::file_size(to);
    const std::string sum = sha256_of_file(to);
    if (!file.sha256.empty() && sum != file.sha256)
        throw Error(Code::verification, from + ": has SHA-256 " + sum + ", the item's file:checksum says " +
                                            file.sha256 + "; fetch the file again");
    return sum;
}

bool gives_prepare(const std::vector<std::string>& settings) {
    return std::any_of(settings.begin(), settings.end(),
                       [](const std::string& one) { return one.starts_with("prepare="); });
}

/// Copies the files and writes the card.
ImportReport fill_from_item(const ImportOptions& options, stac::ImportedCard& imported,
                            const StagedFolder& staged) {
    ImportReport report;
    for (const auto& file : imported.files) {
        const std::string sum = copy_into(staged, file, options, report);
        if (imported.torchscript_of_others) imported.card["weights"] = {{"file", file.name}, {"sha256", sum}};
    }
    write_text_file(staged / kCardFile, definition::yaml_of(imported.card));
    // Settings are applied, everything is checked, and the card gets the form that spectile writes.
    const ModelCard card = read_model_card(staged.path(), options.known, options.settings);
    traits_of(card);
    write_text_file(staged / kCardFile, write_model_card(card));
    read_model_card(staged.path(), options.known);
    report.name = card.name;
    report.architecture = card.architecture;
    report.weights_sha256 = card.weights_sha256;
    return report;
}

}  // namespace

ImportReport import_model(const ImportOptions& options) {
    auto imported =
        stac::read_model_item(read_text_file(options.item), options.item, gives_prepare(options.settings));
    if (fs::exists(fs::path(options.output) / kCardFile) && !options.overwrite)
        throw Error(Code::publish, options.output + ": holds a model already; --overwrite replaces it");
    StagedFolder staged(options.output);
    try {
        auto report = fill_from_item(options, imported, staged);
        staged.publish(kCardFile);
        return report;
    } catch (const Error& error) {
        throw staged.in_target(error);
    }
}

}  // namespace spectile::run
