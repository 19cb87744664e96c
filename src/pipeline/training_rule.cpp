#include "pipeline/definition_schemas.hpp"
#include "pipeline/load.hpp"
#include "pipeline/shared_rules.hpp"
#include "pipeline/training_parts.hpp"

namespace spectile::definition {
namespace {

RulePtr any_whole() { return whole(-2147483648.0, 2147483647.0); }

RulePtr labels_rule() {
    return either({file_name(), map_of("labels", "The truth of one scene.",
                                       {{.name = "path",
                                         .rule = file_name(),
                                         .doc = "Raster on the scene's grid or in any CRS, or a vector",
                                         .required = true},
                                        {.name = "attribute",
                                         .rule = text("a field's name"),
                                         .doc = "Of vectors: the field with the class value or name"},
                                        {.name = "ignore",
                                         .rule = either({any_whole(), list_of(any_whole(), 1)}),
                                         .doc = "Value that means unlabelled; of a list, the first is that "
                                                "and the others are classes to leave out",
                                         .fallback = 0},
                                        {.name = "validation",
                                         .rule = file_name(),
                                         .doc = "Of a split by `given`: a file like `path` with the "
                                                "validation pixels"},
                                        {.name = "test",
                                         .rule = file_name(),
                                         .doc = "Of a split by `given`: a file like `path` with the test "
                                                "pixels"}})});
}

RulePtr labelled_scene_rule() {
    std::vector<Key> keys = {
        {.name = "path",
         .rule = either({file_name(), list_of(file_name(), 1)}),
         .doc = "File or GDAL name; a list is stacked as bands of one grid"},
        {.name = "before", .rule = file_name(), .doc = "Of change, in place of `path`: the earlier date"},
        {.name = "after", .rule = file_name(), .doc = "Of change, in place of `path`: the later date"},
        {.name = "labels", .rule = labels_rule(), .doc = "The truth of this scene", .required = true}};
    for (const auto& key : scene_reading_keys()) keys.push_back(key);
    return map_of("labelled scene", "One scene and its truth.", std::move(keys));
}

RulePtr augmentation_rule() {
    return map_of("augmentation",
                  "Changes made to a patch each time it is shown to the network, on prepared values.",
                  {{.name = "flips",
                    .rule = boolean(),
                    .doc = "Mirrored in both directions, each in half of the cases",
                    .fallback = false},
                   {.name = "turns",
                    .rule = boolean(),
                    .doc = "Turned by 0, 90, 180 or 270 degrees",
                    .fallback = false},
                   {.name = "brightness",
                    .rule = number(0, 10),
                    .doc = "All values times 1 + j, j normal with this standard deviation",
                    .fallback = 0},
                   {.name = "noise",
                    .rule = number(0, 10),
                    .doc = "Normal noise of this standard deviation on every value",
                    .fallback = 0},
                   {.name = "offset",
                    .rule = number(0, 10),
                    .doc = "One normal number of this standard deviation added to all values of a patch",
                    .fallback = 0},
                   {.name = "spectral_dropout",
                    .rule = number(0, 1),
                    .doc = "Largest share of the bands set to 0 in one run of neighbours",
                    .fallback = 0},
                   {.name = "mixing",
                    .rule = number(0, 1),
                    .doc = "Share of the patches mixed with another of the same class",
                    .fallback = 0}});
}

RulePtr targets_rule() {
    return map_of(
        "targets", "Images and masks that a detector learns from, one mask for each image.",
        {{.name = "images", .rule = text("a folder"), .doc = "Folder of images", .required = true},
         {.name = "masks",
          .rule = text("a folder"),
          .doc = "Folder of masks; anything but 0 is a target",
          .required = true},
         {.name = "mask_suffix",
          .rule = text("a suffix"),
          .doc = "What stands behind an image's stem in its mask's name"},
         {.name = "training", .rule = file_name(), .doc = "Text file with one stem a line", .required = true},
         {.name = "validation", .rule = file_name(), .doc = "The same for validation"},
         {.name = "test", .rule = file_name(), .doc = "The same for the test"},
         {.name = "band",
          .rule = whole(1, 65536),
          .doc = "Band of the images, from 1; colour images are not mixed",
          .fallback = 1},
         {.name = "resize_masks",
          .rule = boolean(),
          .doc = "Bring a mask of another size onto its image by the nearest pixel",
          .fallback = false}});
}

/// Of detectors alone; without defaults here, so that a classifier's recipe stays free of them.
std::vector<Key> detector_keys() {
    return {
        {.name = "loss",
         .rule = one_of({"dice", "soft_iou", "dice_cross_entropy"}),
         .doc = "Of detectors: dice (per image, the default), soft_iou (over the batch), or dice and binary "
                "cross entropy together"},
        {.name = "optimiser",
         .rule = one_of({"adagrad", "adamw"}),
         .doc = "Of detectors: adagrad (the default) or adamw"},
        {.name = "target_share",
         .rule = number(0, 1),
         .doc = "Of detectors: share of the crops that hold a target for certain; 0.5 if left out"},
        {.name = "scale",
         .rule = number(1, 4),
         .doc = "Of detectors: crops are magnified by a factor between 1 / scale and scale; 1, never, if "
                "left out"},
        {.name = "repeats",
         .rule = number(0, 1),
         .doc =
             "Of detectors: share of the crops in which one of the targets is set in up to three more times "
             "at other places; 0 if left out"},
        {.name = "crops",
         .rule = whole(1, 1 << 20),
         .doc = "Crops in an epoch: of each image (detectors; 1), of all scenes (spectral_gpt)"},
        {.name = "validate_every",
         .rule = whole(1, 1 << 20),
         .doc = "Of detectors and spectral_gpt: epochs between validations; 1",
         .unit = "epochs"},
        {.name = "prior",
         .rule = number(0, 0.5),
         .doc = "Of detectors: score of every pixel before the first step; 0, if left out, keeps the "
                "network's own beginning"}};
}

std::vector<Key> optimiser_keys() {
    return {
        {.name = "epochs",
         .rule = whole(1, 100'000'000),
         .doc = "Passes over the training pixels",
         .fallback = 200},
        {.name = "batch", .rule = whole(1, 100'000'000), .doc = "Patches per step", .fallback = 64},
        {.name = "learning_rate", .rule = number(0, 10), .doc = "Of AdamW, at its highest", .fallback = 1e-3},
        {.name = "final_learning_rate",
         .rule = number(0, 10),
         .doc = "Reached at the last step",
         .fallback = 1e-5},
        {.name = "schedule",
         .rule = one_of({"cosine", "linear", "polynomial", "exponential", "constant"}),
         .doc = "How the rate falls to `final_learning_rate` after the warm-up: half a cosine, a line, the "
                "power 0.9 of one; exponential = by `epoch_decay` each epoch; constant = not at all",
         .fallback = "cosine"},
        {.name = "warmup",
         .rule = whole(0, 100'000'000),
         .doc = "Epochs in which the rate grows from 0, before it falls",
         .fallback = 0,
         .unit = "epochs"},
        {.name = "weight_decay", .rule = number(0, 10), .doc = "Of AdamW", .fallback = 1e-4},
        {.name = "gradient_clip",
         .rule = number(0),
         .doc = "Largest norm of all gradients together; 0 = none",
         .fallback = 1.0}};
}

RulePtr recipe_rule() {
    std::vector<Key> keys = optimiser_keys();
    const std::vector<Key> more = {
        {.name = "class_weights",
         .rule = one_of({"none", "balanced", "root", "change"}),
         .doc =
             "balanced = 1 / pixels of the class; root = 1 / square root of it; change = of two classes, as "
             "published for OSCD: ten times the share of the changed pixels, and that of the unchanged ones",
         .fallback = "none"},
        {.name = "sampling",
         .rule = one_of({"plain", "balanced", "root"}),
         .doc =
             "plain = every pixel once an epoch; balanced = every class equally often; root = by the square "
             "root of its pixels",
         .fallback = "plain"},
        {.name = "label_smoothing",
         .rule = number(0, 0.9),
         .doc = "Share of the target spread over all classes",
         .fallback = 0},
        {.name = "moving_average",
         .rule = number(0, 0.99999),
         .doc = "Decay of the running average of the weights that is judged and kept; 0 = off",
         .fallback = 0},
        {.name = "patience",
         .rule = whole(0, 100'000'000),
         .doc = "Epochs without a better validation before it stops; 0 = never",
         .fallback = 0,
         .unit = "epochs"},
        {.name = "keep",
         .rule = one_of({"best", "last"}),
         .doc = "Which weights are written: the best on validation, or the last",
         .fallback = "best"},
        {.name = "precision",
         .rule = one_of({"float32", "bfloat16", "float16"}),
         .doc = "Of the network's products while it learns; weights, losses and the optimiser stay float32. "
                "float16 on CUDA devices alone, with a scale of the loss that moves by itself",
         .fallback = "float32"},
        {.name = "augmentation", .rule = augmentation_rule(), .doc = "Changes made to patches"}};
    keys.insert(keys.end(), more.begin(), more.end());
    for (const auto& part : {detector_keys(), fine_tuning_keys()})
        keys.insert(keys.end(), part.begin(), part.end());
    return map_of("recipe", "How the network is trained. Every default is written into the model card.",
                  std::move(keys));
}

std::vector<Key> model_keys() {
    return {{.name = "name",
             .rule = text("a name"),
             .doc = "Name of the finished model; the output folder's where it is left out"},
            {.name = "summary", .rule = text("a sentence"), .doc = "What it maps, from what; into the card"},
            {.name = "licence", .rule = text("a licence"), .doc = "Licence of the weights; into the card"},
            {.name = "output", .rule = text("a folder"), .doc = "Model folder to write", .required = true},
            {.name = "architecture",
             .rule = text("an architecture's name"),
             .doc = "Registered architecture; with `start` that of the model"},
            {.name = "start",
             .rule = text("a model folder"),
             .doc = "Model folder to fine-tune: its bands, preparation and weights are where this training "
                    "begins; what does not fit (other classes) begins anew"},
            {.name = "parameters",
             .rule = open_map("", "", {}, any("anything"), "Parameters of the architecture."),
             .doc = "Parameters of the architecture; bands and classes are filled in"}};
}

std::vector<Key> data_keys() {
    return {
        {.name = "scene", .rule = scene_rule(), .doc = "The one scene to learn from, with `labels`"},
        {.name = "labels", .rule = labels_rule(), .doc = "The truth of `scene`"},
        {.name = "scenes",
         .rule = list_of(labelled_scene_rule(), 1),
         .doc = "Several scenes, each with its labels, in place of the two"},
        {.name = "targets",
         .rule = targets_rule(),
         .doc = "Images and masks for a detector, in place of scenes and labels"},
        {.name = "patches",
         .rule = patches_rule(),
         .doc = "Images with labels as a whole, in place of scenes and labels"},
        {.name = "pretraining",
         .rule = pretraining_rule(),
         .doc = "An index of scenes without labels, whose hidden parts a network learns to fill in; in place "
                "of scenes and labels"},
        {.name = "classes", .rule = classes_rule(), .doc = "Classes; their values are those of the labels"},
        {.name = "nodata",
         .rule = whole(0, 65535),
         .doc = "Value of class maps where there is no measurement; never a class value",
         .fallback = 0},
        {.name = "quantity",
         .rule = text("a quantity"),
         .doc = "What values are after scale and offset; into the card"},
        {.name = "prepare",
         .rule = steps_rule(),
         .doc = "Preparation steps; into the card, with statistics of the training scenes as numbers. A last "
                "`whiten: {from: training, shrinkage: 0.01}` is fitted to the training pixels",
         .fallback = nlohmann::json::array()},
        {.name = "matching",
         .rule = matching_rule(),
         .doc = "How the model's bands will be found in a scene; into the card"}};
}

}  // namespace

RulePtr training_rule() {
    static const RulePtr rule = [] {
        std::vector<Key> keys = {version_key()};
        const std::vector<Key> how = {
            {.name = "split", .rule = split_rule(), .doc = "Which pixels train, which validate, which test"},
            {.name = "recipe", .rule = recipe_rule(), .doc = "How the network is trained"},
            {.name = "seeds",
             .rule = either({whole(0), list_of(whole(0), 1)}),
             .doc = "One training per seed; the best on validation is kept, all are reported",
             .fallback = nlohmann::json::array({1})},
            vars_key()};
        for (const auto& part : {model_keys(), data_keys(), how})
            keys.insert(keys.end(), part.begin(), part.end());
        return with_exactly_one(
            map_of("training", "What `spectile train` learns from, what, and how.", std::move(keys)),
            {"scene", "scenes", "targets", "patches", "pretraining"});
    }();
    return rule;
}

}  // namespace spectile::definition
