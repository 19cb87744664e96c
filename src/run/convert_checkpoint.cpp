#include "run/convert_checkpoint.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/staged_folder.hpp"
#include "core/text_file.hpp"
#include "models/entries/registry.hpp"
#include "pipeline/model_card.hpp"
#include "spectile/error.hpp"
#include "spectile/module.hpp"
#include "weights/safetensors_stream.hpp"

namespace spectile::run {
namespace {

namespace fs = std::filesystem;
using checkpoints::Checkpoint;
using nlohmann::json;

constexpr const char* kCard = "model.yaml";
constexpr const char* kWeights = "weights.safetensors";
/// Tensors may share storages, and half precision doubles; a file that grows beyond this was made to fill a
/// disk.
constexpr std::uint64_t kMostGrowth = 8, kFreeGrowth = 16U << 20;

bool is_registered(const std::string& architecture) {
    return std::any_of(model_entries().begin(), model_entries().end(),
                       [&](const ModelEntry& entry) { return entry.name == architecture; });
}

/// An encoder that only fills in what was hidden: no map comes of it, so that it has no traits of a model
/// that runs; trainings begin from it.
bool is_pretrained_encoder(const ModelCard& card) {
    return json::parse(card.parameters).value("task", std::string()) == "pretraining";
}

/// The card without its weights, from the settings alone; checked, and its task taken from the architecture
/// unless a setting says it.
ModelCard card_from_settings(const ConvertOptions& options, const StagedFolder& staged) {
    const bool registered = is_registered(options.architecture);
    const auto name = fs::path(fs::absolute(options.output) / "").lexically_normal().parent_path().filename();
    std::string text = "spectile: 1\nname: " + json(name.string()).dump() +
                       "\narchitecture: " + json(options.architecture).dump() + "\n";
    if (registered) text += "task: bands\n";
    write_text_file(staged / kCard, text);
    ModelCard card = read_model_card(staged.path(), {.steps = options.known.steps}, options.settings);
    if (!registered || is_pretrained_encoder(card)) return card;
    const bool said = std::any_of(options.settings.begin(), options.settings.end(),
                                  [](const std::string& setting) { return setting.starts_with("task="); });
    if (const auto traits = traits_of(card); !said) card.task = traits.task;
    return card;
}

ExpectedWeights expected_by(const ConvertOptions& options, const ModelCard& card) {
    if (!options.expect.empty()) return checkpoints::read_expected(options.expect);
    return network_module().expected_weights(options.architecture, card.parameters);
}

/// What the file says of its training, for the card; other arguments may name somebody's folders.
std::string training_json(const Checkpoint& checkpoint) {
    json said = {{"checkpoint", fs::path(checkpoint.name()).filename().string()}};
    for (const char* fact : {"epoch", "args.model", "args.input_size", "args.mask_ratio"})
        if (const auto found = checkpoint.facts().find(fact); found != checkpoint.facts().end())
            said[fact] = json::parse(found->second);
    return said.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Hands bytes to the file and says how far it is.
class Copy {
public:
    Copy(const ConvertOptions& options, weights::SafeTensorsStream& file, std::uint64_t total)
        : options_(options), file_(file), total_(total) {}

    void operator()(std::span<const std::byte> piece) {
        if (options_.stop && options_.stop->load() != 0)
            throw Error(Code::interrupted, options_.output + ": was not written; run the same command again");
        file_.write(piece);
        done_ += piece.size();
        const auto now = std::chrono::steady_clock::now();
        if (!options_.progress || (now - said_ < std::chrono::milliseconds(200) && done_ < total_)) return;
        said_ = now;
        options_.progress({.stage = "weights",
                           .done = static_cast<std::int64_t>(done_),
                           .total = static_cast<std::int64_t>(total_),
                           .seconds = std::chrono::duration<double>(now - begun_).count()});
    }

private:
    const ConvertOptions& options_;
    weights::SafeTensorsStream& file_;
    std::uint64_t done_ = 0, total_;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now(), said_ = begun_;
};

void write_weights(const ConvertOptions& options, const Checkpoint& checkpoint, const std::string& path,
                   const std::string& parameters, ConvertReport& report) {
    std::map<std::string, weights::TensorForm> forms;
    for (const auto& key : report.keys.taken) {
        const auto& tensor = checkpoint.tensors().at(key);
        forms[key] = {checkpoints::type_read(tensor.type), tensor.shape};
        report.bytes += checkpoint.bytes_read(key);
        if (report.bytes / kMostGrowth > checkpoint.file_bytes() + kFreeGrowth)
            throw Error(Code::model, checkpoint.name() + ": its tensors are far larger than the file");
    }
    weights::SafeTensorsStream file(path, forms, {{"config", json::parse(parameters).dump()}});
    Copy copy(options, file, report.bytes);
    for (const auto& [key, _] : forms)
        checkpoint.read(key, [&](std::span<const std::byte> piece) { copy(piece); });
    report.weights_sha256 = file.commit();
}

/// Writes card and weights.
ConvertReport fill(const ConvertOptions& options, const Checkpoint& checkpoint, const StagedFolder& staged) {
    ModelCard card = card_from_settings(options, staged);
    ConvertReport report;
    report.keys = checkpoints::compare_keys(checkpoint, expected_by(options, card));
    require_fit(checkpoint, report.keys, options.allowed);
    card.weights = fs::path(card.folder) / kWeights;  // Absolute, whatever the output is.
    write_weights(options, checkpoint, staged / kWeights, card.parameters, report);
    card.weights_sha256 = report.weights_sha256;
    if (card.training == "{}") card.training = training_json(checkpoint);
    write_text_file(staged / kCard, write_model_card(card));
    read_model_card(staged.path(), {.steps = options.known.steps});  // As every later command will read it.
    return report;
}

}  // namespace

ConvertReport convert_checkpoint(const ConvertOptions& options) {
    const auto checkpoint = Checkpoint::open(options.checkpoint, options.from);
    if (fs::exists(fs::path(options.output) / kCard) && !options.overwrite)
        throw Error(Code::publish, options.output + ": holds a model already; --overwrite replaces it");
    // An unknown architecture is a misspelt one unless somebody says what it reads.
    if (options.expect.empty()) model_entry(options.architecture, "--architecture");
    StagedFolder staged(options.output);
    try {
        auto report = fill(options, checkpoint, staged);
        staged.publish(kCard);
        return report;
    } catch (const Error& error) {
        throw staged.in_target(error);
    }
}

}  // namespace spectile::run
