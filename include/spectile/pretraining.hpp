#pragma once

#include <array>
#include <string>
#include <vector>

namespace spectile {

/// A part of a pretraining with one size of image.
struct PretrainingStage {
    int side = 0;  ///< Of the crops, in pixels.
    int epochs = 0;
    int warmup = 0;  ///< Epochs in which the rate grows from 0.
    double base_learning_rate = 0;
    /// What becomes of the tables of positions of the stage before (or of `start`), where they are of another
    /// side: bicubic = resized, reinit = drawn anew, as published.
    std::string positions = "bicubic";
};

/// Masked pretraining on an index of scenes: `pretraining:` of a training definition.
struct PretrainingDefinition {
    std::string index;                ///< CSV or STAC item collection, absolute.
    std::vector<std::string> assets;  ///< Of STAC items; empty = those with the role data, else all rasters.
    std::vector<int> bands;           ///< From 1, of entries that name none themselves; empty = all.
    std::string statistics = "crop";  ///< What `from: scene` of the preparation is of: crop or image.
    bool flips = true;
    double min_valid = 0.5;        ///< Share of a crop that has to be measured.
    double left_out_share = 0.01;  ///< Of the entries, that may be unusable.
    int open_scenes = 32;          ///< Kept open at a time.
    int validation_crops = 64;     ///< Held out, the same at every epoch.
    int validate_every = 1;        ///< Epochs.
    int batch = 16;                ///< Crops of one pass.
    int accumulation = 1;          ///< Passes of one step of the optimiser.
    double weight_decay = 0.05;
    std::array<double, 2> betas = {0.9, 0.95};
    std::string precision = "float32";  ///< Of products: float32, bfloat16 or float16.
    int checkpoint_steps = 0;           ///< Steps between checkpoints; 0 = by time alone.
    double checkpoint_minutes = 10;     ///< Time between checkpoints; 0 = by steps alone.
    std::vector<PretrainingStage> stages;
};

}  // namespace spectile
