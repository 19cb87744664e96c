#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "spectile/model.hpp"
#include "weights/safetensors.hpp"

namespace spectile::native {

/// Name and shape of one tensor that a network must find in its weights.
struct WeightSpec {
    std::string name;
    std::vector<std::int64_t> shape;
    bool decay = true;  ///< Weight decay applies in training.
};

/// The bytes of the card's weights, checked against the SHA-256 in the card where it has one.
///
/// Throws Error{Code::model} where the card names no file or the file is absent, Error{Code::verification}
/// where the hash differs.
std::vector<std::byte> read_verified(const ModelCard& card);

/// Checks that `file` holds exactly these keys with these shapes as floats.
/// Throws Error{Code::model} naming the file and every missing, unexpected or misshapen key.
void require_weights(const weights::SafeTensors& file, const std::vector<WeightSpec>& specs);
/// The same of views under names of the caller's; `file` is for messages.
void require_weights(const std::map<std::string, weights::TensorView>& views,
                     const std::vector<WeightSpec>& specs, const std::string& file);

}  // namespace spectile::native
