#include <array>
#include <filesystem>

#include "pipeline/definition_schemas.hpp"
#include "pipeline/load.hpp"
#include "pipeline/model_card.hpp"
#include "pipeline/paths.hpp"
#include "pipeline/shared_readers.hpp"
#include "pipeline/tasks.hpp"

namespace spectile {
namespace {

namespace fs = std::filesystem;
using definition::Document;
using definition::Value;

constexpr const char* kSelftest = "selftest.safetensors";

/// The absolute path of a file that must lie in the model folder, links followed.
std::string file_inside(const Document& document, const Value& name, const std::string& key,
                        const std::string& folder) {
    const fs::path relative = fs::path(name.text).lexically_normal();
    const auto refuse = [&](const std::string& why) {
        document.fail(name, key + ": " + name.text + " " + why);
    };
    if (relative.is_absolute() || relative.empty() || *relative.begin() == "..")
        refuse("leaves the model folder; name a file inside it");
    const fs::path whole = fs::path(folder) / relative;
    std::error_code problem;
    const auto type = fs::status(whole, problem).type();
    if (type == fs::file_type::not_found) refuse("is not there: " + whole.string());
    if (type != fs::file_type::regular) refuse("is not a file that can be read");
    const fs::path real = fs::canonical(whole, problem);
    const fs::path root = problem ? fs::path() : fs::canonical(folder, problem);
    if (problem) refuse("cannot be followed: " + problem.message());
    const fs::path inside = real.lexically_relative(root);
    if (inside.empty() || *inside.begin() == "..") refuse("is a link that leaves the model folder");
    return whole.string();
}

void read_weights(const Document& document, ModelCard& card) {
    const Value* weights = document.root.find("weights");
    if (!weights) return;
    if (card.architecture == "identity") document.fail(*weights, "weights: the identity model has none");
    const Value& file = weights->is_map() ? *weights->find("file") : *weights;
    card.weights_sha256 = weights->is_map() ? definition::text_or(*weights, "sha256") : "";
    if (card.architecture == "torchscript" && card.weights_sha256.empty())
        document.fail(*weights,
                      "weights.sha256: torchscript weights are code and run only with their SHA-256 here");
    card.weights = file_inside(document, file, weights->is_map() ? "weights.file" : "weights", card.folder);
}

std::vector<ModelBand> compact_bands(const Document& document, const Value& map) {
    std::vector<ModelBand> bands;
    for (const char* key : {"wavelengths", "fwhm", "names"}) {
        const Value* list = map.find(key);
        if (!list) continue;
        if (!bands.empty() && bands.size() != list->items.size())
            document.fail(*list, std::string("bands.") + key + ": expected " + std::to_string(bands.size()) +
                                     " like the list before it, got " + std::to_string(list->items.size()));
        bands.resize(list->items.size());
        for (std::size_t i = 0; i < bands.size(); ++i) {
            const Value& item = list->items[i];
            if (key[0] == 'w') bands[i].wavelength_nm = definition::number_of(item);
            if (key[0] == 'f') bands[i].fwhm_nm = definition::number_of(item);
            if (key[0] == 'n') bands[i].name = item.text;
        }
    }
    if (bands.empty()) document.fail(map, "bands: expected at least one of wavelengths, fwhm and names");
    return bands;
}

std::vector<ModelBand> read_bands(const Document& document) {
    const Value* value = document.root.find("bands");
    if (!value) return {};
    if (value->is_map()) return compact_bands(document, *value);
    if (value->is_scalar())
        return std::vector<ModelBand>(static_cast<std::size_t>(definition::whole_of(*value).value_or(0)));
    std::vector<ModelBand> bands;
    for (const auto& item : value->items) {
        if (item.entries.empty())
            document.fail(item, "bands[" + std::to_string(bands.size()) + "]: expected a name or wavelength");
        bands.push_back({definition::text_or(item, "name"), definition::number_at(item, "wavelength"),
                         definition::number_at(item, "fwhm")});
    }
    return bands;
}

void read_description(const Document& document, const KnownNames& known, ModelCard& card) {
    const Value& root = document.root;
    card.architecture = definition::read_architecture(document, known);
    card.name = definition::text_or(root, "name", card.architecture);  // not the folder: it may be moved
    card.summary = definition::text_or(root, "summary");
    card.licence = definition::text_or(root, "licence");
    card.quantity = definition::text_or(root, "quantity");
    const Value* task = root.find("task");
    if (!task && card.architecture != "identity")
        document.fail(root, "missing key 'task' (what the network does)");
    if (task) card.task = definition::task_of(task->text);
    if (card.architecture == "identity" && card.task != Task::bands)
        document.fail(*task, "task: the identity model's task is bands");
    card.parameters = definition::json_text_or(root, "parameters");
    card.training = definition::json_text_or(root, "training");
    card.accuracy = definition::json_text_or(root, "accuracy");
    card.seams = definition::json_text_or(root, "seams");
}

void read_selftest(const Document& document, ModelCard& card) {
    const Value* named = document.root.find("selftest");
    std::error_code problem;
    if (!named && !fs::exists(fs::path(card.folder) / kSelftest, problem)) return;
    const Value usual = definition::scalar(kSelftest, document.root);
    card.selftest = file_inside(document, named ? *named : usual, "selftest", card.folder);
}

std::string card_file(const std::string& folder) {
    std::error_code problem;
    const fs::path path(folder);
    if (!fs::is_directory(path, problem)) {
        if (fs::exists(path, problem)) return folder;
        throw Error(Code::model, folder + ": no such model folder");
    }
    if (fs::exists(path / "model.yaml", problem)) return (path / "model.yaml").string();
    throw Error(Code::model,
                (path / "model.yaml").string() + ": no such file; a model folder holds model.yaml");
}

}  // namespace

ModelCard read_model_card(const std::string& folder, const KnownNames& known,
                          const std::vector<std::string>& settings) {
    const std::string file = card_file(folder);
    const Document document = definition::load(file, settings, *definition::model_rule(), Code::model);
    const Value& root = document.root;
    ModelCard card;
    card.file = file;
    card.folder = definition::folder_of(file);
    read_description(document, known, card);
    card.bands = read_bands(document);
    card.matching = definition::read_matching(document, root.find("matching"), card.bands);
    card.prepare = definition::read_steps(document, root.find("prepare"), card.folder, known);
    card.tile = definition::whole_or(root, "tile", 0);
    if (root.find("halo")) card.halo = definition::whole_or(root, "halo", 0);
    if (definition::text_or(root, "padding") == "reflect") card.padding = Padding::reflect;
    card.nodata = definition::whole_or(root, "nodata", 0);
    card.classes = definition::read_classes(document, root.find("classes"), card.nodata);
    if (root.find("classes") && card.classes.empty())
        document.fail(*root.find("classes"), "classes: is empty");
    read_weights(document, card);
    read_selftest(document, card);
    card.canonical = canonical_model_card(card);
    return card;
}

}  // namespace spectile
