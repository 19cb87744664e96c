#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "spectile/pipeline.hpp"
#include "spectile/pretraining.hpp"

namespace spectile {

/// Where the truth of one scene comes from.
struct LabelDefinition {
    std::string path;                ///< Raster on the scene's grid or in any CRS, or a vector.
    std::string attribute;           ///< Of vectors: the field with the class value or name.
    int ignore = 0;                  ///< Value that means unlabelled.
    std::vector<int> left_out = {};  ///< Further values that are not learnt.
    std::string validation = {};     ///< Of a split by `given`: labels of the validation pixels, as `path`.
    std::string test = {};           ///< The same for the test pixels.
};

/// How labelled pixels become training, validation and test pixels.
struct SplitDefinition {
    std::string by = "tiles";  ///< tiles, blocks, random, given
    int tile = 32;             ///< Side of the squares, in pixels, numbered row by row.
    std::vector<int> validation;
    std::vector<int> test;
    double validation_share = 0.1, test_share = 0;  ///< Of `random` and `blocks`.
    int training_pixels = 0;  ///< Of `random`: pixels of each class that train; 0 = by the shares.
    bool redraw = false;      ///< Of `random` and `blocks`: every seed draws its own pixels.
    std::vector<std::vector<int>>
        folds;                ///< Of `tiles`: the test squares of each fold of a cross-validation.
    int fold_count = 0;       ///< The same, with the labelled squares dealt to so many folds.
    int fold_validation = 0;  ///< Of each fold: squares of the next fold that validate.

    bool is_cross_validation() const { return fold_count > 0 || !folds.empty(); }
};

/// A folder of images and one of masks with the same stems: what a detector of targets learns from.
struct TargetImages {
    std::string images, masks;               ///< Folders, absolute.
    std::string mask_suffix;                 ///< Between an image's stem and the mask's extension.
    std::string training, validation, test;  ///< Text files with one stem a line; empty = none.
    int band = 1;                            ///< Of the images, from 1.
    bool resize_masks = false;  ///< Bring a mask of another size onto its image by the nearest pixel.
};

/// A list of images that have labels as a whole: what a classifier of images learns from.
struct LabelledPatches {
    std::string index;        ///< CSV, or a folder with a folder of images for each class; absolute.
    SceneDefinition reading;  ///< How every image is read; without paths.
};

/// A validated training definition (`spectile train TRAINING.yaml`).
struct Training {
    std::string file;
    std::string start;  ///< Model folder whose weights are trained on, absolute; empty = from random weights.
    std::string name;   ///< Of the finished model.
    std::string output;  ///< Model folder to write, absolute.
    std::string architecture;
    std::string parameters = "{}";  ///< JSON object for the architecture (bands and classes are filled in).
    std::vector<SceneDefinition> scenes;
    std::vector<LabelDefinition> labels;  ///< One per scene.
    std::vector<ClassInfo> classes;
    int nodata = 0;
    std::string quantity;
    std::vector<StepDefinition>
        prepare;  ///< Steps of the card to be; `standardise: {from: scene}` is frozen into numbers.
    BandMatching matching;
    SplitDefinition split;
    std::optional<TargetImages> targets;               ///< In place of scenes and labels.
    std::optional<LabelledPatches> patches;            ///< The same: images with labels as a whole.
    std::optional<PretrainingDefinition> pretraining;  ///< The same: learns from scenes without labels.
    std::string recipe = "{}";  ///< JSON: epochs, batch, optimiser, schedule, augmentation, loss ...
    std::vector<std::uint64_t> seeds = {1};
    std::string licence, summary;
    std::string canonical;  ///< The whole definition as canonical JSON.
};

/// One line of progress.
struct TrainingProgress {
    int fold = -1;  ///< Of a cross-validation, from 0; else -1.
    std::uint64_t seed = 0;
    int epoch = 0, epochs = 0;
    double loss = 0, training_accuracy = 0, validation_accuracy = 0, validation_average = 0;
    double seconds = 0;
    std::string measures;  ///< Of a detector: its figures in words, in place of the accuracies.
};

/// One of several processes that train the same network, each on a share of every step.
struct TrainingProcesses {
    int rank = 0, count = 1;
    int local = 0;        ///< Among those of its machine, from 0.
    std::string address;  ///< Of rank 0's machine, where they meet.
    int port = 0;
};

struct TrainingOptions {
    std::string work;  ///< Checkpoints; made if missing.
    int threads = 1;
    std::string device = "cpu";
    TrainingProcesses processes;
    bool restart = false;
    bool overwrite = false;
    bool leave_test = false;      ///< The test pixels are not judged: for choosing a recipe.
    std::vector<int> only_folds;  ///< Of a cross-validation: these folds, from 0; empty = all.
    std::function<bool()> stop;   ///< True: write a checkpoint and end with Error{interrupted}.
    std::function<void(const TrainingProgress&)> progress;
    ParallelFor parallel;
};

/// A labelled pixel that was judged, for pictures.
struct JudgedPixel {
    int scene = 0;  ///< Position in Training::scenes.
    std::int64_t x = 0, y = 0;
    int truth = 0, predicted = 0;  ///< Class values.
};

/// What came of a training.
struct TrainingResult {
    std::string accuracy;  ///< JSON: as `spectile train --json` prints it; the card holds the same.
    std::string record;    ///< JSON: every trial's curve and figures, for the report.
    std::vector<JudgedPixel> judged;  ///< Test pixels, else validation pixels, of the first seed.
    std::vector<std::string> warnings;
    bool elsewhere = false;  ///< Rank 0 writes the model and says all of the above; here it is empty.
};

}  // namespace spectile
