#include "stac/read_model_item.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "spectile/error.hpp"
#include "stac/fields.hpp"
#include "stac/scaling.hpp"

namespace spectile::stac {
namespace {

using nlohmann::json;

constexpr const char* kScriptFile = "network.pt";

/// An item and what begins messages about it.
struct Source {
    const json& item;
    const std::string& file;
    const json& properties() const { return item.at("properties"); }
    [[noreturn]] void refuse(const std::string& message) const {
        throw Error(Code::model, file + ": " + message);
    }
};

std::string text_at(const json& map, const char* key) {
    const auto found = map.find(key);
    return found != map.end() && found->is_string() ? found->get<std::string>() : "";
}

bool has_role(const json& asset, const char* role) {
    const auto roles = asset.find("roles");
    return roles != asset.end() && roles->is_array() &&
           std::find(roles->begin(), roles->end(), role) != roles->end();
}

ItemFile file_of(const Source& source, const std::string& key, const std::string& name) {
    const json& assets = source.item.at("assets");
    if (!assets.contains(key) || text_at(assets.at(key), "href").empty())
        source.refuse(fmt::format("has no asset '{}' with an href; its card names {}", key, name));
    const json& asset = assets.at(key);
    return {key, text_at(asset, "href"), name, sha256_of_multihash(text_at(asset, "file:checksum"))};
}

/// The canonical form has every key; a card leaves out those that say nothing.
ImportedCard own_card(const Source& source) {
    ImportedCard out;
    const json& canonical = source.properties().at("spectile:card");
    if (!canonical.is_object()) source.refuse("spectile:card is no JSON object");
    for (const auto& [key, value] : canonical.items()) {
        const bool empty = (value.is_string() && value.get<std::string>().empty()) ||
                           ((value.is_object() || value.is_array()) && value.empty());
        if (!empty && !(key == "tile" && value == 0)) out.card[key] = value;
    }
    if (canonical.contains("weights"))
        out.files.push_back(file_of(source, "weights", text_at(canonical.at("weights"), "file")));
    if (canonical.contains("selftest"))
        out.files.push_back(file_of(source, "selftest", text_at(canonical, "selftest")));
    return out;
}

ItemFile script_of(const Source& source) {
    std::string seen;
    for (const auto& [key, asset] : source.item.at("assets").items()) {
        if (!asset.is_object() || !has_role(asset, "mlm:model")) continue;
        const std::string type = text_at(asset, "mlm:artifact_type");
        if (type == "torch.jit.save") return file_of(source, key, kScriptFile);
        seen = fmt::format("asset '{}' is {}", key, type.empty() ? "of no mlm:artifact_type" : type);
    }
    if (seen.empty()) source.refuse("no asset has the role mlm:model");
    source.refuse(seen +
                  ", and only TorchScript (torch.jit.save) is a network in itself; for weights of an "
                  "architecture in `spectile models` give the checkpoint to spectile convert");
}

const json& only_one(const Source& source, const char* key) {
    const auto found = source.properties().find(key);
    if (found == source.properties().end() || !found->is_array() || found->size() != 1 ||
        !found->front().is_object())
        source.refuse(std::string(key) +
                      ": expected one entry, since a model reads one scene and gives one map");
    return found->front();
}

/// The sizes along [batch, second, height, width]; refused where the dimensions are others.
std::vector<int> sizes_of(const Source& source, const json& structure, const std::string& place) {
    const auto order = structure.value("dim_order", json()), shape = structure.value("shape", json());
    const bool four = order.is_array() && shape.is_array() && order.size() == 4 && shape.size() == 4;
    if (!four || order[0] != "batch" || order[2] != "height" || order[3] != "width" ||
        !std::all_of(shape.begin(), shape.end(), [](const json& n) { return n.is_number_integer(); }))
        source.refuse(place + ": dim_order " + order.dump() + " with shape " + shape.dump() +
                      " is not batch, bands or classes, height, width");
    if (text_at(structure, "data_type") != "float32")
        source.refuse(place + ".data_type: is not float32, which every network here reads and gives");
    return shape.get<std::vector<int>>();
}

/// Nanometres from micrometres, free of the last digit's noise.
double nanometres(const json& micrometres) { return std::round(micrometres.get<double>() * 1e6) / 1e3; }

/// Band objects wherever an item may have them: STAC 1.1's `bands` or the older eo:bands, of an asset or of
/// all.
std::vector<json> band_objects(const Source& source, const std::string& asset) {
    std::vector<json> out;
    for (const json* holder : {&source.item.at("assets").at(asset), &source.properties()})
        for (const char* key : {"eo:bands", "bands"})
            if (const auto list = holder->find(key); list != holder->end() && list->is_array())
                out.insert(out.end(), list->begin(), list->end());
    return out;
}

Json bands_of(const Source& source, const json& input, const std::string& asset) {
    const auto objects = band_objects(source, asset);
    const json names = input.value("bands", json::array());
    Json list = Json::array();
    for (const auto& entry : names) {
        if (entry.is_object() && entry.contains("expression"))
            source.refuse("mlm:input: band " + entry.value("name", std::string("?")) +
                          " is an expression over others, which a card cannot say");
        const std::string name = entry.is_string() ? entry.get<std::string>() : text_at(entry, "name");
        Json band = {{"name", name}};
        for (const auto& object : objects) {
            if (!object.is_object() || text_at(object, "name") != name) continue;
            for (const char* key : {"center_wavelength", "eo:center_wavelength"})
                if (object.contains(key) && object.at(key).is_number())
                    band["wavelength"] = nanometres(object.at(key));
            for (const char* key : {"full_width_half_max", "eo:full_width_half_max"})
                if (object.contains(key) && object.at(key).is_number())
                    band["fwhm"] = nanometres(object.at(key));
        }
        list.push_back(std::move(band));
    }
    return list;
}

/// By wavelength where every band has one, else by name.
std::string matching_of(const Json& bands) {
    const bool all =
        std::all_of(bands.begin(), bands.end(), [](const Json& band) { return band.contains("wavelength"); });
    return all ? "wavelength" : "name";
}

std::string task_of_words(const Source& source, const json& output) {
    std::string words;
    const json listed = output.value("tasks", source.properties().value("mlm:tasks", json::array()));
    for (const auto& word : listed) {
        if (word == "classification") return "classification";
        if (word == "segmentation" || word == "semantic-segmentation") return "segmentation";
        if (word == "detection") return "detection";
        if (word == "regression") return "bands";
        words += (words.empty() ? "" : ", ") + word.dump();
    }
    source.refuse("mlm:output.tasks: " + (words.empty() ? std::string("names none") : words) +
                  "; a map needs classification, segmentation, detection or regression");
}

void add_classes(const json& output, Json& card) {
    const auto classes = output.find("classification:classes");
    if (classes == output.end() || !classes->is_array()) return;
    std::vector<int> values;
    std::optional<int> nodata;
    for (const auto& one : *classes) {
        const int value = one.value("value", 0);
        if (one.value("nodata", false)) {
            nodata = value;
            continue;
        }
        values.push_back(value);
        const std::string title = text_at(one, "title"), color = text_at(one, "color_hint");
        Json info = {{"value", value}, {"name", title.empty() ? text_at(one, "name") : title}};
        if (!color.empty()) info["color"] = "#" + color;
        card["classes"].push_back(std::move(info));
    }
    const auto is_class = [&](int value) {
        return std::find(values.begin(), values.end(), value) != values.end();
    };
    if (!nodata)
        for (nodata = 0; is_class(*nodata);) nodata = *nodata == 0 ? 255 : *nodata + 1;
    card["nodata"] = *nodata;
}

void add_reading(const Source& source, const json& input, bool given_prepare, ImportedCard& out) {
    const std::string& asset = out.files.front().asset;
    const auto sizes = sizes_of(source, input.value("input", json::object()), "mlm:input[0].input");
    if (Json bands = bands_of(source, input, asset); !bands.empty()) {
        if (sizes[1] > 0 && static_cast<std::size_t>(sizes[1]) != bands.size())
            source.refuse(
                fmt::format("mlm:input[0]: names {} bands and has {} in its shape", bands.size(), sizes[1]));
        out.card["matching"] = {{"by", matching_of(bands)}};
        out.card["bands"] = std::move(bands);
    } else if (sizes[1] > 0) {
        out.card["bands"] = sizes[1];
        out.card["matching"] = {{"by", "position"}};
    } else {
        source.refuse("mlm:input[0]: says neither the bands' names nor how many there are");
    }
    const int bands = static_cast<int>(out.card["bands"].is_number() ? out.card["bands"].get<std::size_t>()
                                                                     : out.card["bands"].size());
    if (sizes[2] > 0) out.card["parameters"]["input"] = {bands, sizes[2], sizes[3]};
    if (given_prepare) return;
    for (const char* key : {"pre_processing_function", "resize_type"})
        if (const auto found = input.find(key); found != input.end() && !found->is_null())
            source.refuse(std::string("mlm:input[0].") + key +
                          ": cannot be carried out; say the same in steps with --set prepare=[...]");
    const auto steps = steps_of_scaling(input.value("value_scaling", json()), static_cast<std::size_t>(bands),
                                        source.file + ": mlm:input[0].value_scaling");
    if (!steps.empty()) out.card["prepare"] = steps;
}

ImportedCard card_of_others(const Source& source, bool given_prepare) {
    ImportedCard out;
    out.torchscript_of_others = true;
    out.files.push_back(script_of(source));
    const json &input = only_one(source, "mlm:input"), &output = only_one(source, "mlm:output");
    out.card = {{"spectile", 1}, {"name", text_at(source.properties(), "mlm:name")}};
    if (const auto summary = text_at(source.properties(), "description"); !summary.empty())
        out.card["summary"] = summary;
    out.card["task"] = task_of_words(source, output);
    out.card["architecture"] = "torchscript";
    const auto sizes = sizes_of(source, output.value("result", json::object()), "mlm:output[0].result");
    add_classes(output, out.card);
    const std::size_t classes = out.card.contains("classes") ? out.card["classes"].size() : 0;
    if (sizes[1] < 1 && classes == 0)
        source.refuse("mlm:output[0]: says neither classes nor how many values a pixel gets");
    if (sizes[1] > 0 && static_cast<std::size_t>(sizes[1]) != classes)
        out.card["parameters"]["channels"] = sizes[1];
    add_reading(source, input, given_prepare, out);
    if (const auto licence = text_at(source.properties(), "license"); !licence.empty())
        out.card["licence"] = licence;
    return out;
}

}  // namespace

ImportedCard read_model_item(const std::string& text, const std::string& file, bool given_prepare) {
    const json item = json::parse(text, nullptr, false);
    if (!item.is_object() || text_at(item, "type") != "Feature" ||
        !item.value("properties", json()).is_object() || !item.value("assets", json()).is_object())
        throw Error(Code::model, file + ": is no STAC item (a JSON Feature with properties and assets)");
    const Source source{item, file};
    try {
        if (source.properties().contains("spectile:card")) return own_card(source);
        if (text_at(source.properties(), "mlm:name").empty())
            source.refuse("has no mlm:name; expected an item with the MLM extension");
        return card_of_others(source, given_prepare);
    } catch (const nlohmann::json::exception& error) {
        throw Error(Code::model, file + ": a field is not of the MLM extension's form", error.what());
    }
}

}  // namespace spectile::stac
