#include <set>

#include "pipeline/shared_readers.hpp"
#include "pipeline/training_parts.hpp"

namespace spectile::definition {
namespace {

RulePtr numbers_rule() { return list_of(whole(0, 2147483647.0)); }

std::vector<Key> square_keys() {
    return {
        {.name = "tile",
         .rule = whole(1, 1 << 20),
         .doc = "Side of the squares of `tiles` and `blocks`",
         .fallback = 32,
         .unit = "pixels"},
        {.name = "validation",
         .rule = numbers_rule(),
         .doc = "Numbers of the squares (row by row, on from scene to scene) or scenes (in order), from 0",
         .fallback = nlohmann::json::array()},
        {.name = "test",
         .rule = numbers_rule(),
         .doc = "The same for the test",
         .fallback = nlohmann::json::array()}};
}

std::vector<Key> fold_keys() {
    return {
        {.name = "folds",
         .rule = either({whole(2, 10000), list_of(list_of(whole(0, 2147483647.0), 1), 2)}),
         .doc = "Of `tiles`: cross-validation. A list holds the test squares of each fold; a number deals "
                "the squares with labels out in turn. Every fold is trained with every seed"},
        {.name = "validation_tiles",
         .rule = whole(0, 10000),
         .doc = "Of `folds`: squares of the next fold that validate instead of training",
         .fallback = 0}};
}

std::vector<Key> draw_keys() {
    return {{.name = "validation_share",
             .rule = number(0, 1),
             .doc = "Of `random`: share of each class; of `blocks`: share of the labelled pixels",
             .fallback = 0.1},
            {.name = "test_share", .rule = number(0, 1), .doc = "The same for the test", .fallback = 0},
            {.name = "training_pixels",
             .rule = whole(0, 100'000'000),
             .doc = "Of `random`: so many pixels of each class train and all others test; 0 = by the shares",
             .fallback = 0},
            {.name = "redraw",
             .rule = boolean(),
             .doc = "Of `random` and `blocks`: every seed draws its own pixels",
             .fallback = false}};
}

std::vector<int> numbers_of(const Value* list) {
    std::vector<int> numbers;
    if (!list) return numbers;
    for (const auto& item : list->items) numbers.push_back(static_cast<int>(whole_of(item).value_or(0)));
    return numbers;
}

/// Keys that mean nothing here would be taken for obeyed.
void refuse_strangers(const Document& document, const Value& map, const std::string& by) {
    const auto refuse = [&](const char* key, bool fits, const char* whose) {
        if (const Value* value = map.find(key); value && !fits)
            document.fail(*value, std::string("split.") + key + ": belongs to a split by " + whose +
                                      ", and this one is by " + by);
    };
    const bool drawn = by == "random" || by == "blocks";
    refuse("tile", by == "tiles" || by == "blocks", "tiles or blocks");
    refuse("folds", by == "tiles", "tiles");
    refuse("validation_tiles", map.find("folds") != nullptr, "tiles with folds");
    refuse("validation", !drawn, "tiles or given");
    refuse("test", !drawn && !map.find("folds"), "tiles without folds, or given");
    refuse("validation_share", drawn, "random or blocks");
    refuse("test_share", drawn, "random or blocks");
    refuse("training_pixels", by == "random", "random");
    if (const Value* pixels = map.find("training_pixels"))
        for (const char* key : {"validation_share", "test_share"})
            if (map.find(key) && whole_of(*pixels).value_or(0) > 0)
                document.fail(*pixels, std::string("split.training_pixels: leaves nothing to ") + key +
                                           "; give one of the two");
    refuse("redraw", drawn, "random or blocks");
}

void read_folds(const Value& value, SplitDefinition& split) {
    if (!value.is_list()) {
        split.fold_count = static_cast<int>(whole_of(value).value_or(0));
        return;
    }
    for (const auto& fold : value.items) split.folds.push_back(numbers_of(&fold));
}

void refuse_twice(const Document& document, const Value& map, const SplitDefinition& split) {
    std::set<int> seen;
    std::vector<std::vector<int>> lists = split.folds;
    lists.push_back(split.validation);
    lists.push_back(split.test);
    for (const auto& list : lists)
        for (const int number : list)
            if (!seen.insert(number).second)
                document.fail(map,
                              "split: " + std::to_string(number) + " is named twice in " +
                                  (split.folds.empty() ? "validation and test" : "validation and folds"));
}

}  // namespace

RulePtr split_rule() {
    std::vector<Key> keys = {
        {.name = "by",
         .rule = one_of({"tiles", "blocks", "random", "given"}),
         .doc =
             "tiles = the squares that are named, which keeps neighbours apart; blocks = squares that are "
             "drawn; random = single pixels, which flatters; given = whole scenes, or the labels' own files",
         .fallback = "tiles"}};
    for (const auto& part : {square_keys(), fold_keys(), draw_keys()})
        keys.insert(keys.end(), part.begin(), part.end());
    return map_of(
        "split",
        "How labelled pixels become training, validation and test pixels. What is in neither list trains.",
        std::move(keys));
}

SplitDefinition read_split(const Document& document, const Value* map, const std::string& usual) {
    SplitDefinition split;
    split.by = usual;
    if (!map) return split;
    split.by = text_or(*map, "by", usual);
    split.tile = whole_or(*map, "tile", split.tile);
    refuse_strangers(document, *map, split.by);
    split.validation = numbers_of(map->find("validation"));
    split.test = numbers_of(map->find("test"));
    if (const Value* folds = map->find("folds")) read_folds(*folds, split);
    split.fold_validation = whole_or(*map, "validation_tiles", 0);
    split.validation_share = number_at(*map, "validation_share").value_or(split.validation_share);
    split.test_share = number_at(*map, "test_share").value_or(split.test_share);
    split.training_pixels = whole_or(*map, "training_pixels", 0);
    if (const Value* redraw = map->find("redraw")) split.redraw = boolean_of(*redraw).value_or(false);
    refuse_twice(document, *map, split);
    const bool drawn = split.by == "random" || split.by == "blocks";
    if (drawn && split.training_pixels == 0 && split.validation_share + split.test_share >= 1)
        document.fail(*map, "split: validation_share and test_share leave nothing to train on");
    return split;
}

nlohmann::json split_json(const SplitDefinition& split) {
    return {{"by", split.by},
            {"tile", split.tile},
            {"validation", split.validation},
            {"test", split.test},
            {"folds", split.fold_count > 0 ? nlohmann::json(split.fold_count) : nlohmann::json(split.folds)},
            {"validation_tiles", split.fold_validation},
            {"validation_share", split.validation_share},
            {"test_share", split.test_share},
            {"training_pixels", split.training_pixels},
            {"redraw", split.redraw}};
}

}  // namespace spectile::definition
