#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "checkpoints/key_report.hpp"
#include "pipeline/known_names.hpp"
#include "spectile/progress.hpp"

namespace spectile::run {

/// What a checkpoint is to become.
struct ConvertOptions {
    std::string checkpoint;             ///< A file that `torch.save` wrote.
    std::string output;                 ///< The model folder to be.
    std::string architecture;           ///< Of the card.
    std::string from;                   ///< Dictionary in the checkpoint; empty: where it usually is.
    std::string expect;                 ///< File of names and shapes; empty: what the architecture expects.
    std::vector<std::string> settings;  ///< `key.path=value` of the card.
    checkpoints::Allowed allowed;
    bool overwrite = false;
    KnownNames known;
    const std::atomic<int>* stop = nullptr;
    ProgressListener progress;
};

struct ConvertReport {
    checkpoints::KeyReport keys;
    std::string weights_sha256;
    std::uint64_t bytes = 0;  ///< Of the tensors written.
};

/// Writes weights.safetensors (float32, metadata `config`: the card's parameters) and model.yaml.
///
/// Tensors go from file to file; no more than one is held in memory. Everything is written into a folder
/// beside `output` first, so that whatever fails leaves no folder of that name, or the one that was there.
/// Throws Error{Code::missing}, Error{Code::model} (a checkpoint that cannot be read, or does not fit),
/// Error{Code::publish} (a model is there already), Error{Code::read}, Error{Code::write}, and
/// Error{Code::interrupted} when `stop` is set.
ConvertReport convert_checkpoint(const ConvertOptions& options);

}  // namespace spectile::run
