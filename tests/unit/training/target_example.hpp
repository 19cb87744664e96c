#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include "training/random.hpp"
#include "training/target_images.hpp"
#include "training/target_recipe.hpp"

namespace spectile::training {

inline const std::string kTargetParameters =
    R"({"bands": 1, "tile": 32, "sentence_px": 4, "word_px": 1, "outer": [8, 16, 32, 64],
        "words": [2, 4, 8, 16], "depths": [1, 1, 1, 1], "layout": "spatial"})";

/// Noise with one bright target.
inline TargetImage image_of(std::uint64_t number, Role role, std::int64_t width = 48,
                            std::int64_t height = 40) {
    Random random(number, Purpose::selftest, {});
    TargetImage image;
    image.stem = std::to_string(number);
    image.width = width;
    image.height = height;
    image.role = role;
    const std::int64_t x = 4 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(width - 8))),
                       y = 4 +
                           static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(height - 8)));
    for (std::int64_t i = 0; i < width * height; ++i) {
        const bool target = std::abs(i % width - x) <= 2 && std::abs(i / width - y) <= 2;
        image.values.push_back(random.rough_normal() * 0.2F + (target ? 3.0F : 0.0F));
        image.truth.push_back(target);
        if (target) image.marked.push_back(i);
    }
    return image;
}

inline std::vector<TargetImage> target_images() {
    std::vector<TargetImage> list;
    for (std::uint64_t i = 0; i < 8; ++i) list.push_back(image_of(i, Role::training));
    for (std::uint64_t i = 8; i < 10; ++i) list.push_back(image_of(i, Role::validation));
    return list;
}

inline TargetRecipe target_recipe_of(const std::string& keys) {
    return read_target_recipe(R"({"epochs": 3, "batch": 4, "learning_rate": 0.05, "weight_decay": 0.0004,
                                  "gradient_clip": 0, "prior": 0.02, "moving_average": 0.5,
                                  "augmentation": {"flips": true, "turns": true})" +
                                  keys + "}",
                              "test");
}

}  // namespace spectile::training
