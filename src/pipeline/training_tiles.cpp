#include "pipeline/training_parts.hpp"

namespace spectile::definition {

std::vector<Key> fine_tuning_keys() {
    return {
        {.name = "layer_decay",
         .rule = number(0, 1),
         .doc = "Of spectral_gpt: factor of the rate from a block to the one before it; if left out 1 on "
                "scenes and 0.75 on patches"},
        {.name = "drop_path",
         .rule = number(0, 0.95),
         .doc = "Of spectral_gpt: share of the last block's branches left out, falling to 0 at the first; if "
                "left out 0.5 for segmentation, 0 for change and 0.2 on patches"},
        {.name = "mixup",
         .rule = number(0, 100),
         .doc =
             "Of patches with one class each: alpha of the Beta distribution by which two patches and their "
             "targets are blended; 0 = never, 0.8 if left out"},
        {.name = "cutmix",
         .rule = number(0, 100),
         .doc = "The same for a box of one patch that is set into another; 1 if left out"},
        {.name = "mix_switch",
         .rule = number(0, 1),
         .doc = "How often `cutmix` is taken where both are on; 0.5 if left out"},
        {.name = "crop_scale",
         .rule = number(0.01, 1),
         .doc = "Of patches: smallest share of the area that a random crop shows, enlarged to the network's "
                "side; "
                "1 = always the whole patch, 0.2 if left out"},
        {.name = "centre_share",
         .rule = number(0.1, 1),
         .doc = "Of patches: share of the side that is shown when they are judged, its centre; 0.875 as "
                "published, 1 if left out"},
        {.name = "dropout",
         .rule = number(0, 0.95),
         .doc = "Of spectral_gpt on scenes: share of the values left out in the head; 0.5 if left out"},
        {.name = "epoch_decay",
         .rule = number(0, 1),
         .doc = "Of the schedule `exponential`: factor of the rate from one epoch to the next; 0.95 if left "
                "out"}};
}

}  // namespace spectile::definition
