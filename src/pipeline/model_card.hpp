#pragma once

#include <string>
#include <vector>

#include "pipeline/known_names.hpp"
#include "spectile/model.hpp"

namespace spectile {

/// The card of a model folder, or of a `model.yaml` named itself.
///
/// Everything is checked that needs neither the architecture nor the weights' content: forms, class values
/// against nodata and each other, and that weights and self-test are files inside the folder (links
/// followed). Sizes and hashes are not read. Throws Error{Code::model} naming file, line and key, or the file
/// that is absent. `settings` are `key.path=value`, applied before anything is checked.
ModelCard read_model_card(const std::string& folder, const KnownNames& known = {},
                          const std::vector<std::string>& settings = {});

/// The card as YAML that `read_model_card` reads back equal (canonical form and all) from the same folder.
/// Numbers are the shortest that read back to the same bits.
std::string write_model_card(const ModelCard& card);

/// The card as JSON: every key with its default filled in, no folder and no line; paths relative to the
/// folder. Its `dump()` is `ModelCard::canonical`.
std::string canonical_model_card(const ModelCard& card);

}  // namespace spectile
