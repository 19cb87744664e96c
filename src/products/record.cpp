#include "products/record.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/checksum.hpp"
#include "core/text_file.hpp"
#include "products/durable_file.hpp"
#include "spectile/error.hpp"
#include "spectile/version.hpp"

namespace spectile::products {
namespace {

using Json = nlohmann::ordered_json;
constexpr int kForm = 1;  ///< Of the record file.

/// `name` is that beside the record: `path` without `folder`.
RecordedFile recorded(const std::string& path, const std::string& folder) {
    const std::filesystem::path file(path);
    return {file.lexically_relative(folder).string(),
            static_cast<std::int64_t>(std::filesystem::file_size(file)), sha256_of_file(path)};
}

Json object_of(const std::string& text, const char* what) {
    auto json = Json::parse(text, nullptr, false);
    if (!json.is_object()) throw Error(Code::internal, std::string(what) + " is no JSON object");
    return json;
}

}  // namespace

std::string record_path(const std::string& product) { return product + ".spectile.json"; }
std::string provenance_path(const std::string& product) { return product + ".provenance.json"; }

ProductRecord make_file_record(const std::string& kind, const std::string& recipe,
                               const std::string& recipe_text, const std::string& path) {
    ProductRecord record;
    record.version = kVersion;
    record.kind = kind;
    record.recipe = recipe;
    record.recipe_text = recipe_text;
    for (const auto& file : files_of_product(path)) record.files.push_back(recorded(file, folder_of(path)));
    return record;
}

ProductRecord make_record(const std::string& kind, const std::string& recipe_text, const AssembleJob& job,
                          const AssembleResult& result) {
    ProductRecord record = make_file_record(kind, job.recipe, recipe_text, result.partial_path);
    for (const auto& path : result.sidecars) record.files.push_back(recorded(path, result.temporary));
    record.width = job.grid.width;
    record.height = job.grid.height;
    record.block = job.block;
    record.bands = job.format.bands;
    record.type = name_of(job.format.type);
    record.blocks = result.blocks;
    record.pixels_of_value = result.pixels_of_value;
    return record;
}

std::string to_json(const ProductRecord& record) {
    Json json = {
        {"form", kForm}, {"spectile", record.version}, {"kind", record.kind}, {"recipe", record.recipe}};
    json["recipe_text"] = object_of(record.recipe_text, "the recipe");
    for (const auto& file : record.files)
        json["files"].push_back({{"name", file.name}, {"bytes", file.bytes}, {"sha256", file.sha256}});
    if (record.block > 0) {
        json["size"] = {record.width, record.height};
        json["bands"] = record.bands;
        json["type"] = record.type;
        json["block"] = record.block;
        for (const auto& [value, pixels] : record.pixels_of_value)
            json["pixels_of_value"][std::to_string(value)] = pixels;
        json["blocks"] = record.blocks;
    }
    if (!record.marked.empty()) json["marked"] = record.marked;
    return json.dump(1) + "\n";
}

ProductRecord record_of_json(const std::string& text, const std::string& path) {
    try {
        const Json json = Json::parse(text);
        if (json.at("form").get<int>() != kForm)
            throw Error(Code::verification, path + ": written by a newer spectile; use that one");
        ProductRecord record;
        json.at("spectile").get_to(record.version);
        json.at("kind").get_to(record.kind);
        json.at("recipe").get_to(record.recipe);
        record.recipe_text = json.at("recipe_text").dump();
        for (const auto& file : json.at("files"))
            record.files.push_back({file.at("name"), file.at("bytes"), file.at("sha256")});
        if (record.files.empty()) throw Error(Code::verification, path + ": names no file");
        record.marked = json.value("marked", std::vector<std::string>{});
        if (!json.contains("block")) return record;
        record.width = json.at("size").at(0);
        record.height = json.at("size").at(1);
        json.at("bands").get_to(record.bands);
        json.at("type").get_to(record.type);
        json.at("block").get_to(record.block);
        json.at("blocks").get_to(record.blocks);
        if (json.contains("pixels_of_value"))
            for (const auto& [value, pixels] : json.at("pixels_of_value").items())
                record.pixels_of_value[std::stoi(value)] = pixels;
        return record;
    } catch (const nlohmann::json::exception& error) {
        throw Error(Code::verification, path + ": is no record of a product; compute the product again",
                    error.what());
    }
}

ProductRecord read_record(const std::string& product) {
    const std::string path = record_path(product);
    return record_of_json(read_text_file(path), path);
}

std::string provenance_text(const std::string& provenance, const std::string& execution) {
    Json json = object_of(provenance, "the provenance");
    json["execution"] = object_of(execution, "the execution");
    return json.dump(1) + "\n";
}

}  // namespace spectile::products
