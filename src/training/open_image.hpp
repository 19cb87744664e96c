#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "prepare/chain.hpp"
#include "spectile/model.hpp"
#include "spectile/scene.hpp"
#include "training/scene_index.hpp"

namespace spectile::training {

/// An image of the index that is open, with the way it is prepared. Used by one thread at a time.
struct OpenImage {
    std::unique_ptr<Scene> scene;
    std::unique_ptr<SceneReader> reader;  ///< Goes before the scene it reads.
    std::optional<prepare::Chain> chain;
    std::vector<std::size_t> steps;  ///< Of the chain, that want statistics.
    Window window;
    std::uint64_t used = 0;
    std::string failure;  ///< Why it cannot be used; empty where it can.
};

/// Opens an image for a model's card, without statistics. Throws as open_scene and make_chain do.
void open_image(const IndexEntry& entry, const ModelCard& card, OpenImage& image);

/// Gives the chain's steps the statistics of a cube as read.
void set_crop_statistics(OpenImage& image, const Cube& cube);
/// Gives them those of the whole image.
void set_image_statistics(OpenImage& image);

}  // namespace spectile::training
