#include "run/inputs.hpp"

#include <filesystem>

#include "core/text_file.hpp"
#include "products/record.hpp"
#include "spectile/error.hpp"

namespace spectile::run {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::vector<FileHash> from_json(const json& files) {
    std::vector<FileHash> out;
    if (!files.is_array()) return out;
    for (const auto& file : files)
        out.push_back({{file.value("path", ""), file.value("bytes", std::uint64_t{0}),
                        file.value("modified", std::int64_t{0})},
                       file.value("sha256", "")});
    return out;
}

/// The JSON of a file that may be absent or damaged: memory of hashes is a help, never a need.
json remembered(const std::string& path) {
    if (!fs::exists(path)) return nullptr;
    return json::parse(read_text_file(path), nullptr, false);
}

}  // namespace

json to_json(const InputHash& inputs) {
    json out = json::array();
    for (const auto& file : inputs.files)
        out.push_back({{"path", file.stamp.path},
                       {"bytes", file.stamp.bytes},
                       {"modified", file.stamp.modified},
                       {"sha256", file.sha256}});
    return out;
}

InputHash hash_scene(const Job& job, const std::string& work, const RunOptions& options) {
    if (job.scene_definition.preview > 0) return hash_stamps(job.scene->info());
    std::vector<FileHash> known = from_json(remembered(work + "/inputs.json"));
    if (!options.manifest.empty()) {
        const json manifest = remembered(options.manifest);
        if (manifest.is_object())
            for (auto& file : from_json(manifest.value("inputs", json::array()))) known.push_back(file);
    }
    if (known.empty() && !job.rasters.empty()) {
        const json provenance = remembered(products::provenance_path(job.rasters.front().definition.path));
        if (provenance.is_object() && provenance.contains("execution"))
            known = from_json(provenance.at("execution").value("inputs", json::array()));
    }
    const auto tell = [&](const Progress& progress) {
        if (options.stop && options.stop->load())
            throw Error(Code::interrupted,
                        job.scene->info().name +
                            ": stopped while its fingerprint was taken; run the same command again");
        if (options.progress) options.progress(progress);
    };
    return hash_inputs(job.scene->info(), known, tell);
}

void remember_inputs(const InputHash& inputs, const std::string& work) {
    write_text_file(work + "/inputs.json", to_json(inputs).dump(1) + "\n");
}

}  // namespace spectile::run
