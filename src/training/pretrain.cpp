#include "training/pretrain.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/checksum.hpp"
#include "models/networks/spectral_gpt/weight_rules.hpp"
#include "pipeline/pretraining_recipe.hpp"
#include "spectile/error.hpp"
#include "training/model_folder.hpp"
#include "training/pretrain_card.hpp"
#include "training/pretrain_fit.hpp"
#include "training/pretrain_record.hpp"
#include "training/training_card.hpp"
#include "training/training_device.hpp"
#include "training/training_options.hpp"

namespace spectile::training {
namespace {

using Json = nlohmann::ordered_json;

/// Fingerprint of everything that decides the weights but the images themselves, which are too many to read
/// before the first step.
std::string pretrain_fingerprint(const Training& training, const PretrainStart& start,
                                 const SceneIndex& index) {
    Json said = {{"network", entries::to_json(start.config)},
                 {"recipe", definition::pretraining_recipe(*training.pretraining)},
                 {"index", index.summary().sha256}};
    add_preparation(start.card, said);
    said["start"] = start.start ? start.start->weights_sha256 : std::string();
    said["seed"] = training.seeds.front();
    return sha256_of(said.dump());
}

/// Holds the written weights against those that were trained.
void check_written(const ModelCard& card, networks::SpectralGpt& network) {
    const auto loaded = networks::load_spectral_gpt(weights::SafeTensors::open(card.weights),
                                                    entries::parse_spectral_gpt(card.parameters, card.file));
    const auto ours = network.tensors(), theirs = loaded->tensors();
    for (std::size_t i = 0; i < ours.size(); ++i)
        if (ours[i].name != theirs[i].name || !ours[i].tensor.equal(theirs[i].tensor))
            throw Error(Code::verification,
                        fmt::format("{}: {} reads back as something else; the disk may be failing",
                                    card.weights, ours[i].name));
}

void write_pretrained(const Training& training, PretrainStart& start, const Pretrained& pretrained,
                      const Json& said, const Json& record) {
    auto parameters = Json::parse(entries::to_json(pretrained.network->config()));
    for (const char* key : {"classes", "head_channels", "head_width", "legacy_pool", "multi_label"})
        parameters.erase(key);  // Of heads, which it has not.
    start.card.parameters = parameters.dump();
    start.card.training = said.dump();
    write_model_folder(
        training.output, start.card,
        FinishedNetwork{.network = *pretrained.network,
                        .write_selftest = {},
                        .files = {{"losses.json", record.dump(1) + "\n"}},
                        .check = [&](const ModelCard& card) { check_written(card, *pretrained.network); }});
}

/// Rank 0 throws an earlier checkpoint away where that is asked for, before anyone looks for it.
std::string shared_checkpoint(TrainingOptions options, ProcessGroup& group) {
    options.restart = options.restart && group.rank() == 0;
    const auto path = checkpoint_path(options, "checkpoint");
    group.gather("");
    return path;
}

}  // namespace

TrainingResult pretrain(const Training& training, const TrainingOptions& options, at::Device device) {
    check_options(training, options);
    const auto& definition = *training.pretraining;
    check_precision(definition.precision, device, training.file, "pretraining.precision");
    const auto seed = training.seeds.front();
    const auto index = SceneIndex::open(definition);
    auto start = pretraining_start(training, index);
    TrainingResult result;
    CropSource crops(index, definition, start.card, options.parallel,
                     [&](const std::string& line) { result.warnings.push_back(line); });
    const PretrainData data{start.config, definition, index, crops};
    const auto group = join_processes(options.processes, options.stop, device);
    const auto pretrained = pretrain_stages(data,
                                            {.group = *group,
                                             .seed = seed,
                                             .checkpoint = shared_checkpoint(options, *group),
                                             .fingerprint = pretrain_fingerprint(training, start, index),
                                             .threads = options.threads,
                                             .stop = options.stop,
                                             .progress = options.progress,
                                             .parallel = options.parallel,
                                             .device = device},
                                            [&] { return first_network(start, definition, seed); });
    put_network(*pretrained.network, at::kCPU);
    if (group->rank() != 0) {
        result.elsewhere = true;
        return result;
    }
    const Json said = provenance_of(training, start, index, pretrained);
    Json record = record_of(training, start, pretrained);
    record["training"] = said;
    write_pretrained(training, start, pretrained, said, record);
    if (auto picture = picture_of(data, *pretrained.network, seed); !picture.is_null())
        record["picture"] = std::move(picture);
    result.accuracy = said["losses"].dump(2);
    result.record = record.dump();
    return result;
}

}  // namespace spectile::training
