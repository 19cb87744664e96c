#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "spectile/training.hpp"
#include "training/split.hpp"

namespace spectile::training {

/// One image with its truth, prepared and held whole.
struct TargetImage {
    std::string stem;
    std::int64_t width = 0, height = 0;
    std::vector<float> values;         ///< [height, width], prepared.
    std::vector<std::uint8_t> truth;   ///< [height, width], 0 or 1.
    std::vector<std::int64_t> marked;  ///< Where truth is 1.
    Role role = Role::training;
};

/// The card that the finished model gets, but for its figures: one band, matched by position. Of a model that
/// is trained on it keeps the preparation and the parameters that the definition does not give anew.
ModelCard target_card(const Training& training, const std::optional<ModelCard>& start);

/// Reads every image that the lists name, prepared as a run will prepare it: through the card's steps, with
/// statistics of that image alone where a step wants them. `warnings` gets one line for each image whose
/// bands differ and for each mask brought to another size.
///
/// Throws Error{Code::missing} (list, image, mask), Error{Code::scene} (a mask of another size than its
/// image and no leave to resize it, a stem in two lists), Error{Code::definition}.
std::vector<TargetImage> load_target_images(const Training& training, const ModelCard& card,
                                            std::vector<std::string>& warnings);

}  // namespace spectile::training
