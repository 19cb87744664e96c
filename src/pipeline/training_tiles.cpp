#include "pipeline/training_parts.hpp"

namespace spectile::definition {

std::vector<Key> fine_tuning_keys() {
    return {
        {.name = "layer_decay",
         .rule = number(0, 1),
         .doc = "Of spectral_gpt: factor of the rate from a block to the one before it; 1 if left "
                "out"},
        {.name = "drop_path",
         .rule = number(0, 0.95),
         .doc = "Of spectral_gpt: share of the last block's branches left out, falling to 0 at the first; if "
                "left out 0.5 for segmentation and 0 for change"},
        {.name = "dropout",
         .rule = number(0, 0.95),
         .doc = "Of spectral_gpt on scenes: share of the values left out in the head; 0.5 if left out"},
        {.name = "epoch_decay",
         .rule = number(0, 1),
         .doc = "Of the schedule `exponential`: factor of the rate from one epoch to the next; 0.95 if left "
                "out"}};
}

}  // namespace spectile::definition
