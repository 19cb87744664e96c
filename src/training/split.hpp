#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "spectile/training.hpp"

namespace spectile::training {

/// What a labelled pixel is used for.
enum class Role : std::uint8_t { training, validation, test };

/// A labelled pixel.
struct Sample {
    int scene = 0;
    std::int64_t x = 0, y = 0;  ///< Pixel of the scene.
    int target = 0;             ///< Position in the list of classes.
    Role role = Role::training;
};

/// Size of one scene, in pixels.
struct SceneSize {
    std::int64_t width = 0, height = 0;
};

/// What a split is applied to, besides the samples.
struct SplitGround {
    std::vector<SceneSize> scenes;
    std::vector<ClassInfo> classes;
};

/// Gives every sample its role.
///
/// tiles    squares of `tile` pixels, numbered row by row over a scene and on from scene to scene.
/// blocks   the same squares, drawn until each role has its share of the labelled pixels; a square that holds
///          the last training pixels of a class trains.
/// random   single pixels, the shares (or `training_pixels`) drawn within each class. Neighbouring pixels
///          share patches and light, so figures from such a split flatter the model: `warnings` says so.
/// given    whole scenes by number from 0, in the order of the definition; where no number is named, the
///          roles that the samples have already (from the labels' own files) stay.
///
/// Throws Error{Code::definition} naming the key: numbers out of range or used twice, a role without samples,
/// a class without training samples.
void assign_roles(const SplitDefinition& split, const SplitGround& ground, std::uint64_t seed,
                  std::vector<Sample>& samples, std::vector<std::string>& warnings);

/// The share of so many, to the nearest whole number.
std::size_t part_of(double share, std::size_t count);

/// `random` and `blocks`, for `assign_roles`.
void draw_pixels(const SplitDefinition& split, const SplitGround& ground, std::uint64_t seed,
                 std::vector<Sample>& samples, std::vector<std::string>& warnings);
void draw_blocks(const SplitDefinition& split, const SplitGround& ground, std::uint64_t seed,
                 std::vector<Sample>& samples);

/// Number of the tile that holds pixel (x, y) of scene `scene`, numbered as `assign_roles` does.
std::int64_t tile_number(const std::vector<SceneSize>& scenes, int tile, int scene, std::int64_t x,
                         std::int64_t y);

/// The test squares of every fold of a cross-validation: as the definition lists them, or the squares that
/// hold samples, dealt to the folds in turn (fold k of n: positions k, k + n, k + 2n, ... of their list).
/// Throws Error{Code::definition} where there are fewer squares than folds.
std::vector<std::vector<int>> folds_of(const SplitDefinition& split, const SplitGround& ground,
                                       const std::vector<Sample>& samples);

/// The split of fold `fold`: its squares test, and `fold_validation` squares of the folds that follow
/// validate (of fold k the squares at positions k, k + 1, ... of fold k + 1, then those of fold k + 2, ...).
SplitDefinition split_of_fold(const SplitDefinition& split, const std::vector<std::vector<int>>& folds,
                              int fold);

}  // namespace spectile::training
