#pragma once

#include "spectile/pipeline.hpp"
#include "spectile/scene.hpp"

namespace spectile {

/// The window of the scene that holds every pixel of an area of interest; the whole scene where it names
/// none. Throws Error{Code::scene} where the area holds no pixel of the scene; {missing}, {definition}.
Window aoi_extent(const Scene& scene, const AreaOfInterest& aoi);

}  // namespace spectile
