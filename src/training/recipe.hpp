#pragma once

#include <string>

namespace spectile::training {

/// Changes made to a patch each time it is shown to the network, on prepared values. All off by default.
struct Augmentation {
    bool flips = false;     ///< Mirrored left to right and top to bottom, each in half of the cases.
    bool turns = false;     ///< Turned by 0, 90, 180 or 270 degrees.
    double brightness = 0;  ///< All measured values times 1 + j, j normal with this standard deviation.
    double noise = 0;       ///< Normal noise of this standard deviation on every value.
    double offset = 0;      ///< One normal number of this standard deviation added to all values of a patch.
    double spectral_dropout = 0;  ///< Largest share of bands set to 0 (the mean), in one run of neighbours.
    double mixing = 0;            ///< Share of the patches that are mixed with another of the same class.
};

/// How a network is trained; `recipe:` of a training definition. Defaults are those of
/// models/spectralmamba.md 5.
struct Recipe {
    int epochs = 200;
    int batch = 64;
    double learning_rate = 1e-3;
    double final_learning_rate = 1e-5;  ///< Reached at the last step.
    std::string schedule = "cosine";    ///< cosine, linear, polynomial, exponential or constant.
    double epoch_decay = 0.95;          ///< Of `exponential`: factor from one epoch to the next.
    int warmup = 0;                     ///< Epochs in which the rate grows from 0, before it falls.
    double weight_decay = 1e-4;
    double gradient_clip = 1.0;  ///< Largest norm of all gradients together; 0 = none.
    /// none; balanced: 1 / pixels of the class; root: 1 / sqrt of it; change: of two classes, as published.
    std::string class_weights = "none";
    std::string sampling = "plain";  ///< plain, balanced or root: how often a class is shown.
    double label_smoothing = 0;
    double moving_average = 0;  ///< Decay of the running average of weights that is judged and kept; 0 = off.
    int patience = 0;           ///< Epochs without a better validation before it stops; 0 = never.
    std::string keep = "best";  ///< best (on validation) or last.
    std::string precision = "float32";  ///< Of products: float32, bfloat16 or float16 (mixed_precision.hpp).
    Augmentation augmentation;
};

/// Reads the JSON object. Throws Error{Code::definition} naming `file` and the key: unknown keys, wrong
/// types, values out of range.
Recipe read_recipe(const std::string& json, const std::string& file);

/// Every key with its value in use, as JSON, for the model card.
std::string to_json(const Recipe& recipe);

}  // namespace spectile::training
