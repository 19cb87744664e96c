#include "stac/model_item.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "spectile/version.hpp"
#include "stac/fields.hpp"
#include "stac/scaling.hpp"

namespace spectile::stac {
namespace {

/// eo:bands of the assets: the MLM schema does not know the band objects of version 2 yet.
constexpr const char* kEoBands = "https://stac-extensions.github.io/eo/v1.1.0/schema.json";
constexpr const char* kPrepare = "spectile-prepare";  ///< Format of an expression: a card's `prepare`.

/// mlm:name begins with a letter, ends with a letter or digit and has at least three characters.
std::string mlm_name(const std::string& name) {
    std::string out;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        const bool kept =
            byte < 128 && (std::isalnum(byte) != 0 || c == '_' || c == '.' || c == '-' || c == ' ');
        out += kept ? c : '-';
    }
    while (!out.empty() && std::isalnum(static_cast<unsigned char>(out.back())) == 0) out.pop_back();
    if (out.empty() || std::isalpha(static_cast<unsigned char>(out.front())) == 0) out = "model-" + out;
    return out.size() < 3 || out.back() == '-' ? out + "-model" : out;
}

const char* task_word(Task task) {
    switch (task) {
        case Task::classification:
            return "classification";
        case Task::segmentation:
        case Task::change:
            return "semantic-segmentation";
        case Task::detection:
            return "detection";
        case Task::labels:
            return "scene-classification";
        case Task::bands:
            break;
    }
    return "regression";
}

std::vector<std::string> band_names(const ModelCard& card) {
    std::vector<std::string> names;
    for (const auto& band : card.bands)
        names.push_back(band.name.empty() ? "band-" + std::to_string(names.size() + 1) : band.name);
    return names;
}

Json eo_bands(const ModelCard& card) {
    Json list = Json::array();
    const auto names = band_names(card);
    for (std::size_t i = 0; i < names.size(); ++i) {
        Json band = {{"name", names[i]}};
        // Micrometres, by the extension's definition.
        if (card.bands[i].wavelength_nm) band["center_wavelength"] = *card.bands[i].wavelength_nm / 1000;
        if (card.bands[i].fwhm_nm) band["full_width_half_max"] = *card.bands[i].fwhm_nm / 1000;
        list.push_back(std::move(band));
    }
    return list;
}

Json prepare_json(const ModelCard& card) {
    Json list = Json::array();
    for (const auto& step : card.prepare) list.push_back({{step.name, Json::parse(step.parameters)}});
    return list;
}

Json input_json(const ModelCard& card, const ModelTraits& traits) {
    const int side = traits.fixed_tile ? traits.tile + 2 * traits.halo : -1;
    const int bands = card.bands.empty() ? -1 : static_cast<int>(card.bands.size());
    Json out = {{"name", "scene"}, {"bands", band_names(card)}};
    out["input"] = {{"shape", {-1, bands, side, side}},
                    {"dim_order", {"batch", card.bands.empty() ? "channel" : "bands", "height", "width"}},
                    {"data_type", "float32"}};
    if (card.prepare.empty()) return out;
    if (auto scaling = value_scaling_of(card.prepare))
        out["value_scaling"] = std::move(*scaling);
    else
        out["pre_processing_function"] = {{"format", kPrepare}, {"expression", prepare_json(card)}};
    return out;
}

Json output_json(const ModelCard& card, const ModelTraits& traits) {
    const int side = !traits.fixed_tile ? -1 : traits.local ? traits.tile : traits.tile + 2 * traits.halo;
    const bool labels = traits.task == Task::labels;
    Json shape = {-1, traits.channels > 0 ? traits.channels : -1};
    Json order = {"batch", card.classes.empty() ? "channel" : "class"};
    if (!labels) {
        shape.insert(shape.end(), {side, side});
        order.insert(order.end(), {"height", "width"});
    }
    Json out = {{"name", task_word(traits.task)},
                {"tasks", {task_word(traits.task)}},
                {"result", {{"shape", shape}, {"dim_order", order}, {"data_type", "float32"}}}};
    if (!card.classes.empty()) out["classification:classes"] = classes_json(item_classes(card));
    return out;
}

Json asset_of(const ModelFile& file, const std::string& folder, const char* type, Json roles) {
    Json out = {{"href", href_of(file.path, folder)}, {"type", type}, {"roles", std::move(roles)}};
    add_file_fields(out, file.bytes, file.sha256);
    return out;
}

/// The extension wants one asset to be the model. Of one without weights that is its card.
Json model_assets(const ModelCard& card, const ModelFacts& facts, const std::string& folder) {
    Json assets = Json::object();
    const auto be_model = [&](Json& asset, const char* artifact) {
        asset["mlm:artifact_type"] = artifact;
        if (!card.bands.empty()) asset["eo:bands"] = eo_bands(card);
    };
    if (facts.weights) {
        const bool script = card.architecture == "torchscript";
        assets["weights"] =
            asset_of(*facts.weights, folder, "application/octet-stream", {"mlm:model", "mlm:weights"});
        be_model(assets["weights"], script ? "torch.jit.save" : "safetensors.torch.save_file");
    }
    assets["card"] = asset_of(facts.card, folder, "application/yaml",
                              facts.weights ? Json{"metadata"} : Json{"mlm:model", "metadata"});
    if (!facts.weights) be_model(assets["card"], "spectile.model_card");
    if (facts.selftest)
        assets["selftest"] = asset_of(*facts.selftest, folder, "application/octet-stream", {"metadata"});
    return assets;
}

Json model_properties(const ModelCard& card, const ModelFacts& facts) {
    Json out = {{"title", card.name}};
    if (!card.summary.empty()) out["description"] = card.summary;
    add_any_time(out);
    if (!card.licence.empty()) out["license"] = card.licence;
    out["mlm:name"] = mlm_name(card.name);
    out["mlm:architecture"] = card.architecture;
    out["mlm:tasks"] = {task_word(facts.traits.task)};
    const bool script = card.architecture == "torchscript";
    out["mlm:framework"] = script ? "PyTorch" : "spectile";
    if (!script) out["mlm:framework_version"] = kVersion;
    if (facts.parameters) out["mlm:total_parameters"] = *facts.parameters;
    out["mlm:accelerator"] = "amd64";
    out["mlm:accelerator_constrained"] = false;
    if (const Json parameters = Json::parse(card.parameters); !parameters.empty())
        out["mlm:hyperparameters"] = parameters;
    out["mlm:input"] = Json::array({input_json(card, facts.traits)});
    out["mlm:output"] = Json::array({output_json(card, facts.traits)});
    out["spectile:card"] = Json::parse(card.canonical);
    return out;
}

}  // namespace

std::string model_item_text(const ModelCard& card, const ModelFacts& facts, const std::string& path) {
    const std::string folder = std::filesystem::path(path).parent_path().string();
    Json extensions = {kMlm, kFile};
    if (!card.classes.empty()) extensions.push_back(kClassification);
    if (!card.bands.empty()) extensions.push_back(kEoBands);
    const Json item = {{"type", "Feature"},
                       {"stac_version", kStacVersion},
                       {"stac_extensions", extensions},
                       {"id", mlm_name(card.name)},
                       {"geometry", nullptr},
                       {"properties", model_properties(card, facts)},
                       {"links", Json::array()},
                       {"assets", model_assets(card, facts, folder)}};
    return item.dump(1) + "\n";
}

}  // namespace spectile::stac
