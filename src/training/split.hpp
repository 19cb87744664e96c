#pragma once

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

/// Gives every sample its role.
///
/// tiles    squares of `tile` pixels, numbered row by row over a scene and on from scene to scene.
/// random   single pixels, the shares drawn within each class. Neighbouring pixels share patches and light,
/// so
///          figures from such a split flatter the model: `warnings` says so.
/// given    whole scenes by number from 0, in the order of the definition.
///
/// Throws Error{Code::definition} naming the key: numbers out of range or used twice, a role without samples,
/// a class without training samples.
void assign_roles(const SplitDefinition& split, const std::vector<SceneSize>& scenes,
                  const std::vector<ClassInfo>& classes, std::uint64_t seed, std::vector<Sample>& samples,
                  std::vector<std::string>& warnings);

/// Number of the tile that holds pixel (x, y) of scene `scene`, numbered as `assign_roles` does.
std::int64_t tile_number(const std::vector<SceneSize>& scenes, int tile, int scene, std::int64_t x,
                         std::int64_t y);

}  // namespace spectile::training
