#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "pipeline/model_card.hpp"
#include "pipeline/shared_readers.hpp"
#include "pipeline/tasks.hpp"
#include "pipeline/write_yaml.hpp"

namespace spectile {
namespace {

using Json = nlohmann::ordered_json;

std::string relative_to(const ModelCard& card, const std::string& path) {
    return std::filesystem::path(path).lexically_relative(card.folder).generic_string();
}

/// Key order within free JSON would be lost on the way to `canonical`; sorted here so that both ways agree.
Json sorted(const std::string& json) { return Json(nlohmann::json::parse(json)); }

bool all_have(const ModelCard& card, bool (*has)(const ModelBand&)) {
    return std::all_of(card.bands.begin(), card.bands.end(), has);
}

Json band_list(const ModelCard& card) {
    Json list = Json::array();
    for (const auto& band : card.bands) {
        Json one = Json::object();
        if (!band.name.empty()) one["name"] = band.name;
        if (band.wavelength_nm) one["wavelength"] = *band.wavelength_nm;
        if (band.fwhm_nm) one["fwhm"] = *band.fwhm_nm;
        list.push_back(std::move(one));
    }
    return list;
}

/// Lists per property where every band has it or none has; otherwise one map per band.
Json bands_json(const ModelCard& card) {
    const auto wavelength = [](const ModelBand& b) { return b.wavelength_nm.has_value(); };
    const auto fwhm = [](const ModelBand& b) { return b.fwhm_nm.has_value(); };
    const auto name = [](const ModelBand& b) { return !b.name.empty(); };
    Json made = Json::object();
    std::size_t complete = 0, used = 0;
    const auto add = [&](const char* key, bool (*has)(const ModelBand&), auto&& get) {
        used += std::any_of(card.bands.begin(), card.bands.end(), has);
        if (!all_have(card, has)) return;
        ++complete;
        for (const auto& band : card.bands) made[key].push_back(get(band));
    };
    add("wavelengths", wavelength, [](const ModelBand& b) { return *b.wavelength_nm; });
    add("fwhm", fwhm, [](const ModelBand& b) { return *b.fwhm_nm; });
    add("names", name, [](const ModelBand& b) { return b.name; });
    if (used == 0) return card.bands.size();
    return complete == used ? made : band_list(card);
}

Json steps_json(const ModelCard& card) {
    Json list = Json::array();
    for (const auto& step : card.prepare) {
        const Json parameters = sorted(step.parameters);
        if (parameters.empty())
            list.push_back(step.name);
        else
            list.push_back(Json{{step.name, parameters}});
    }
    return list;
}

Json classes_json(const ModelCard& card) {
    Json list = Json::array();
    for (const auto& info : card.classes)
        list.push_back(
            Json{{"value", info.value}, {"name", info.name}, {"color", definition::color_text(info.color)}});
    return list;
}

/// Every key that says something; with `all`, every key there is.
Json card_json(const ModelCard& card, bool all) {
    Json made = Json::object();
    const auto text = [&](const char* key, const std::string& value) {
        if (all || !value.empty()) made[key] = value;
    };
    const auto free = [&](const char* key, const std::string& json) {
        if (all || !sorted(json).empty()) made[key] = sorted(json);
    };
    made["spectile"] = 1;
    text("name", card.name);
    text("summary", card.summary);
    made["task"] = definition::name_of(card.task);
    made["architecture"] = card.architecture;
    free("parameters", card.parameters);
    if (!card.weights.empty()) {
        made["weights"]["file"] = relative_to(card, card.weights);
        if (!card.weights_sha256.empty()) made["weights"]["sha256"] = card.weights_sha256;
    }
    text("quantity", card.quantity);
    if (!card.bands.empty()) made["bands"] = bands_json(card);
    made["matching"] = Json{{"by", card.matching.by},
                            {"tolerance", card.matching.tolerance_nm},
                            {"resample", card.matching.resample}};
    if (all || !card.prepare.empty()) made["prepare"] = steps_json(card);
    if (all || card.tile > 0) made["tile"] = card.tile;
    if (card.halo) made["halo"] = *card.halo;
    made["padding"] = card.padding == Padding::reflect ? "reflect" : "nearest";
    if (all || !card.classes.empty()) made["classes"] = classes_json(card);
    made["nodata"] = card.nodata;
    free("training", card.training);
    free("accuracy", card.accuracy);
    free("seams", card.seams);
    text("licence", card.licence);
    if (!card.selftest.empty()) made["selftest"] = relative_to(card, card.selftest);
    return made;
}

}  // namespace

std::string write_model_card(const ModelCard& card) {
    return "# A model card of spectile: what the network is, expects and promises.\n"
           "# docs/PIPELINE_FORMAT.md explains every key.\n" +
           definition::yaml_of(card_json(card, false));
}

std::string canonical_model_card(const ModelCard& card) {
    return nlohmann::json(card_json(card, true)).dump();
}

}  // namespace spectile
