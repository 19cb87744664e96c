#include "support/stac_schemas.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <regex>
#include <set>
#include <stdexcept>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace spectile::test {
namespace {

using nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

const std::string kSchemas = SPECTILE_SOURCE_DIR "/../shared/schemas/stac/";

// What the published schemas refer to and is not there: GeoJSON, and single definitions of two extensions.
const char* const kGeoJsonFeature = R"({"type": "object", "required": ["type", "geometry", "properties"],
    "properties": {"type": {"const": "Feature"}, "properties": {"type": "object"}}})";
const char* const kGeoJsonGeometry =
    R"({"type": "object", "required": ["type", "coordinates"], "properties": {
    "type": {"enum": ["Polygon", "MultiPolygon"]}, "coordinates": {"type": "array", "minItems": 1}}})";
const char* const kProcessing = R"({"definitions": {"fields": {"properties": {"processing:expression":
    {"type": "object", "required": ["format", "expression"], "properties": {"format": {"type": "string"}}}}}}})";
const char* const kRaster =
    R"({"definitions": {"bands": {"items": {"properties": {"data_type": {"enum": ["int8",
    "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64", "other"]}}}}}})";

/// valijson takes `format` for a demand on every value, null too; the `pattern` beside it stays.
void drop_formats(json& schema) {
    if (schema.is_object() && schema.contains("format") && schema["format"].is_string())
        schema.erase("format");
    for (auto& part : schema)
        if (part.is_structured()) drop_formats(part);
}

json schema_file(const std::string& name) {
    std::ifstream file(kSchemas + name);
    json schema = json::parse(file);
    drop_formats(schema);
    return schema;
}

json schema_at(const std::string& url) {
    const std::string name = url.substr(0, url.find('#'));
    const auto in = [&](const char* part) { return name.find(part) != std::string::npos; };
    if (in("geojson.org")) return json::parse(in("Feature") ? kGeoJsonFeature : kGeoJsonGeometry);
    if (in("/classification/")) return schema_file("classification/schema.json");
    if (in("/processing/")) return json::parse(kProcessing);
    if (in("/raster/")) return json::parse(kRaster);
    return schema_file("item-spec/" + name.substr(name.rfind('/') + 1));
}

std::string faults(const std::string& schema_name, const json& item) {
    json definition = schema_file(schema_name);
    // The schemas at hand are those of 1.1.0's last beta; items are of 1.1.0.
    if (schema_name == "item-spec/item.json")
        definition["definitions"]["core"]["allOf"][2]["properties"]["stac_version"]["const"] = "1.1.0";
    valijson::Schema schema;
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(
        Adapter(definition), schema, [](const std::string& url) { return new json(schema_at(url)); },
        [](const json* document) { delete document; });
    valijson::Validator validator;
    valijson::ValidationResults results;
    if (validator.validate(schema, Adapter(item), &results)) return {};
    std::string text = schema_name + ":";
    valijson::ValidationResults::Error error;
    while (results.popError(error)) {
        text += "\n  ";
        for (const auto& place : error.context) text += place;
        text += ": " + error.description;
    }
    return text + "\n";
}

void collect_prefixes(const json& value, std::set<std::string>& prefixes) {
    if (value.is_object())
        for (const auto& [key, part] : value.items()) {
            if (const auto colon = key.find(':'); colon != std::string::npos)
                prefixes.insert(key.substr(0, colon));
            collect_prefixes(part, prefixes);
        }
    if (value.is_array())
        for (const auto& part : value) collect_prefixes(part, prefixes);
}

bool declares(const json& item, const std::string& extension) {
    for (const auto& url : item.at("stac_extensions"))
        if (url.get<std::string>().find("/" + extension + "/v") != std::string::npos) return true;
    return false;
}

}  // namespace

bool has_stac_schemas() { return std::filesystem::exists(kSchemas + "item-spec/item.json"); }

std::string stac_faults(const json& item) {
    std::string text = faults("item-spec/item.json", item);
    if (declares(item, "mlm")) text += faults("mlm/schema.json", item);
    if (declares(item, "classification")) text += faults("classification/schema.json", item);
    return text;
}

std::string stac_faults_by_hand(const json& item) {
    std::string text;
    const auto expect = [&](bool holds, const std::string& what) {
        if (!holds) text += what + "\n";
    };
    expect(item.value("type", "") == "Feature" && item.value("stac_version", "") == "1.1.0", "type, version");
    expect(!item.value("id", "").empty() && item.contains("links") && item.at("assets").is_object(),
           "id, links");
    expect(item.at("geometry").is_null() != item.contains("bbox"),
           "bbox goes with a geometry and only with one");
    const json& properties = item.at("properties");
    const std::regex time(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)");
    for (const char* key : {"datetime", "start_datetime", "end_datetime"})
        if (properties.contains(key) && properties.at(key).is_string())
            expect(std::regex_match(properties.at(key).get<std::string>(), time), key);
    expect(properties.at("datetime").is_string() ||
               (properties.contains("start_datetime") && properties.contains("end_datetime")),
           "datetime null needs start and end");
    static const std::map<std::string, std::string> kExtensions = {{"proj", "projection"},
                                                                   {"file", "file"},
                                                                   {"eo", "eo"},
                                                                   {"raster", "raster"},
                                                                   {"processing", "processing"},
                                                                   {"classification", "classification"}};
    std::set<std::string> prefixes;
    collect_prefixes(properties, prefixes);
    collect_prefixes(item.at("assets"), prefixes);
    for (const auto& [prefix, extension] : kExtensions)
        expect(prefixes.count(prefix) == 0 || declares(item, extension), "undeclared: " + prefix);
    return text;
}

}  // namespace spectile::test
