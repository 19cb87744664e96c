#include "training/model_folder.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/checksum.hpp"
#include "core/text_file.hpp"
#include "models/networks/registry.hpp"
#include "models/networks/weight_files.hpp"
#include "models/selftest.hpp"
#include "pipeline/model_card.hpp"
#include "spectile/error.hpp"
#include "training/pixel_selftest.hpp"

namespace spectile::training {
namespace {

namespace fs = std::filesystem;

/// Loads the folder as a run will and runs its self-test.
void verify(const std::string& folder) {
    const ModelCard card = read_model_card(folder);
    run_selftest(card, *networks::network_entry(card.architecture).load(card, "cpu"));
}

void move_into_place(const fs::path& staging, const fs::path& output) {
    try {
        if (!fs::exists(output)) return fs::rename(staging, output);
        // The card names the hash of its weights, so a folder that is cut off between the two renames is
        // noticed.
        for (const auto& file : fs::directory_iterator(staging))
            if (file.path().filename() != "model.yaml")
                fs::rename(file.path(), output / file.path().filename());
        fs::rename(staging / "model.yaml", output / "model.yaml");
        fs::remove_all(staging);
    } catch (const fs::filesystem_error& e) {
        throw Error(Code::publish,
                    fmt::format("{}: the model folder cannot be written; it is finished under {}",
                                output.string(), staging.string()),
                    e.what());
    }
}

}  // namespace

void write_model_folder(const std::string& output, ModelCard card, const FinishedModel& model) {
    FinishedNetwork finished{
        model.network,
        [&](const std::string& path) { write_pixel_selftest(path, model.network, model.data); }, model.files};
    write_model_folder(output, std::move(card), finished);
}

void write_model_folder(const std::string& output, ModelCard card, const FinishedNetwork& model) {
    const fs::path staging = output + ".partial";
    std::error_code failed;
    fs::remove_all(staging, failed);
    fs::create_directories(staging, failed);
    if (failed)
        throw Error(Code::publish,
                    fmt::format("{}: cannot be made; check the folder above it", staging.string()),
                    failed.message());
    model.network.train(false);
    card.folder = staging.string();
    card.file = (staging / "model.yaml").string();
    card.weights = (staging / "weights.safetensors").string();
    if (model.write_selftest) card.selftest = (staging / "selftest.safetensors").string();
    networks::save_weights(card.weights, model.network,
                           {{"config", nlohmann::json::parse(card.parameters).dump()}});
    card.weights_sha256 = sha256_of_file(card.weights);
    if (model.write_selftest) model.write_selftest(card.selftest);
    for (const auto& [name, text] : model.files) write_text_file((staging / name).string(), text);
    write_text_file(card.file, write_model_card(card));
    if (model.check)
        model.check(read_model_card(card.folder));
    else
        verify(card.folder);
    move_into_place(staging, output);
}

}  // namespace spectile::training
