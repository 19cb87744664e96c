#include "cluster/manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/text_file.hpp"
#include "spectile/error.hpp"

namespace spectile::cluster {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr int kFormat = 1;

[[noreturn]] void refuse(const std::string& file, const std::string& what) {
    throw Error(Code::definition, file + ": " + what + "; write it anew with spectile plan --manifest");
}

ordered_json shard_json(const ManifestShard& shard, std::size_t number, std::size_t products) {
    ordered_json out = {{"shard", number},
                        {"first_part", shard.parts.begin},
                        {"parts", shard.parts.count()},
                        {"files", shard.parts.count() * static_cast<std::int64_t>(products)},
                        {"pixels", shard.pixels},
                        {"valid_pixels", shard.valid_pixels},
                        {"scratch_bytes", shard.scratch_bytes},
                        {"seconds", nullptr}};
    if (shard.seconds >= 0) out["seconds"] = shard.seconds;
    return out;
}

ManifestShard shard_of(const json& row) {
    ManifestShard shard;
    shard.parts.begin = row.at("first_part").get<std::int64_t>();
    shard.parts.end = shard.parts.begin + row.at("parts").get<std::int64_t>();
    shard.pixels = row.at("pixels").get<std::int64_t>();
    shard.valid_pixels = row.at("valid_pixels").get<std::int64_t>();
    shard.scratch_bytes = row.at("scratch_bytes").get<std::uint64_t>();
    if (!row.at("seconds").is_null()) shard.seconds = row.at("seconds").get<double>();
    return shard;
}

/// Every part in one shard and in one only.
void prove_complete(const Manifest& manifest) {
    std::int64_t next = 0;
    for (std::size_t i = 0; i < manifest.shards.size(); ++i) {
        const auto& parts = manifest.shards[i].parts;
        if (parts.begin != next || parts.end < next)
            refuse(manifest.file, fmt::format("shards: shard {} begins at part {} where part {} is next",
                                              i + 1, parts.begin, next));
        next = parts.end;
    }
    if (next != manifest.parts)
        refuse(manifest.file, fmt::format("shards: hold {} of {} parts", next, manifest.parts));
}

Manifest manifest_of(const json& root, const std::string& file) {
    Manifest out;
    out.file = file;
    out.recipe = root.at("recipe").get<std::string>();
    out.components = root.at("recipe_components").dump();
    out.instructions = root.at("recipe_components").at("instructions").get<std::string>();
    out.inputs = root.at("inputs").dump();
    out.work = root.at("work").get<std::string>();
    const json& parts = root.at("parts");
    out.width = parts.at("width").get<std::int64_t>();
    out.height = parts.at("height").get<std::int64_t>();
    out.part = parts.at("side").get<std::int64_t>();
    out.parts = parts.at("count").get<std::int64_t>();
    out.recomputed_share = parts.at("recomputed_share").get<double>();
    out.balanced_by = parts.at("balanced_by").get<std::string>();
    out.statistics = root.at("statistics").get<bool>();
    for (const auto& product : root.at("products"))
        out.products.push_back(
            {product.at("kind").get<std::string>(), product.at("path").get<std::string>()});
    const json& each = root.at("each_shard");
    out.threads = each.at("threads").get<int>();
    out.gpus = each.at("gpus").get<int>();
    out.memory_bytes = each.at("memory_bytes").get<std::uint64_t>();
    for (const auto& row : root.at("shards")) out.shards.push_back(shard_of(row));
    return out;
}

}  // namespace

std::vector<std::int64_t> Manifest::shards_of(const std::vector<std::int64_t>& wanted) const {
    std::vector<std::int64_t> out;
    for (std::size_t i = 0; i < shards.size(); ++i) {
        const auto first = std::lower_bound(wanted.begin(), wanted.end(), shards[i].parts.begin);
        if (first != wanted.end() && *first < shards[i].parts.end)
            out.push_back(static_cast<std::int64_t>(i) + 1);
    }
    return out;
}

std::vector<std::int64_t> Manifest::parts_of(std::int64_t shard) const {
    if (shard < 1 || shard > static_cast<std::int64_t>(shards.size()))
        throw Error(Code::usage,
                    fmt::format("--shard {}: {} has shards 1 to {}", shard, file, shards.size()));
    const auto& parts = shards[static_cast<std::size_t>(shard) - 1].parts;
    std::vector<std::int64_t> out;
    for (auto part = parts.begin; part < parts.end; ++part) out.push_back(part);
    return out;
}

std::string manifest_text(const Manifest& manifest) {
    ordered_json root = {{"spectile_manifest", kFormat},
                         {"recipe", manifest.recipe},
                         {"instructions", manifest.instructions},
                         {"work", manifest.work},
                         {"statistics", manifest.statistics}};
    root["parts"] = {{"count", manifest.parts},
                     {"side", manifest.part},
                     {"width", manifest.width},
                     {"height", manifest.height},
                     {"files", "parts/{part:06d}.{kind}.tif"},
                     {"recomputed_share", manifest.recomputed_share},
                     {"balanced_by", manifest.balanced_by}};
    root["products"] = ordered_json::array();
    for (const auto& product : manifest.products)
        root["products"].push_back({{"kind", product.kind}, {"path", product.path}});
    std::uint64_t scratch = 0;
    double seconds = -1;
    for (const auto& shard : manifest.shards) {
        scratch = std::max(scratch, shard.scratch_bytes);
        seconds = std::max(seconds, shard.seconds);
    }
    root["each_shard"] = {{"threads", manifest.threads},
                          {"gpus", manifest.gpus},
                          {"memory_bytes", manifest.memory_bytes},
                          {"scratch_bytes", scratch},
                          {"seconds", nullptr}};
    if (seconds >= 0) root["each_shard"]["seconds"] = seconds;
    root["inputs"] = ordered_json::parse(manifest.inputs);
    root["recipe_components"] = ordered_json::parse(manifest.components);
    std::string text = root.dump(1);
    text.erase(text.size() - 2);  // "\n}": the shards follow, one a line.
    text += ",\n \"shards\": [";
    for (std::size_t i = 0; i < manifest.shards.size(); ++i)
        text += (i == 0 ? "\n  " : ",\n  ") +
                shard_json(manifest.shards[i], i + 1, manifest.products.size()).dump();
    return text + "\n ]\n}\n";
}

Manifest read_manifest(const std::string& file) {
    const json root = json::parse(read_text_file(file), nullptr, false);
    if (!root.is_object() || root.value("spectile_manifest", json()) != kFormat)
        refuse(file, "is no manifest that this spectile reads");
    try {
        Manifest manifest = manifest_of(root, file);
        prove_complete(manifest);
        return manifest;
    } catch (const json::exception& error) {
        refuse(file, std::string("is damaged: ") + error.what());
    }
}

}  // namespace spectile::cluster
