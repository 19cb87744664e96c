#pragma once

#include <set>
#include <string>
#include <vector>

#include "checkpoints/checkpoint.hpp"
#include "spectile/module.hpp"

namespace spectile::checkpoints {

/// How the keys of a checkpoint fit what a network reads. Every key of either side is in exactly one list.
struct KeyReport {
    std::vector<std::string> taken;       ///< Present, with the expected shape.
    std::vector<std::string> left_out;    ///< Present, never read by the network.
    std::vector<std::string> missing;     ///< Expected, absent.
    std::vector<std::string> unexpected;  ///< Present, neither expected nor known to be unread.
    struct Misfit {
        std::string key, found, expected;  ///< "F32 [10, 768]" or "a call of ..."; "[19, 768]".
    };
    std::vector<Misfit> misshapen;  ///< Expected and present, but with another shape, or no floating tensor.
};

KeyReport compare_keys(const Checkpoint& checkpoint, const ExpectedWeights& expected);

/// Faults that a caller may let pass: "missing", "unexpected", "misshapen". What is misshapen is left out
/// then.
using Allowed = std::set<std::string>;

/// Throws Error{Code::model} where there is a fault that is not allowed: one line that names the checkpoint
/// and the first keys of each list, every key in its detail.
void require_fit(const Checkpoint& checkpoint, const KeyReport& report, const Allowed& allowed);

/// The names and shapes in a file: safetensors, or JSON, either {"tensors": [{"key": ..., "shape": [...]},
/// ...]} or
/// {"KEY": [...], ...}. A leading `module.` is taken off. Throws Error{Code::missing}, Error{Code::read}, or
/// Error{Code::definition} naming file and key.
ExpectedWeights read_expected(const std::string& path);

}  // namespace spectile::checkpoints
