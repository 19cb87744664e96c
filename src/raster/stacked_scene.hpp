#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "raster/area.hpp"
#include "raster/dataset.hpp"
#include "raster/raster_source.hpp"
#include "spectile/scene.hpp"

namespace spectile {

/// What decides, beside the rasters themselves, which pixels are valid.
struct SceneMasks {
    std::vector<std::shared_ptr<const Area>> areas;  ///< A pixel must lie in all of them.
    std::shared_ptr<const RasterSource> mask;  ///< 0 or nodata = invalid; on the scene's grid. May be null.
};

/// One or more rasters on one grid. Made by `open_scene`.
class StackedScene final : public Scene {
public:
    StackedScene(SceneInfo info, std::vector<RasterSource> sources, SceneMasks masks);
    const SceneInfo& info() const override { return info_; }
    std::unique_ptr<SceneReader> reader() const override;
    std::unique_ptr<SceneReader> raw_reader() const override;
    bool may_be_valid(const Window& window) const override;

    const std::vector<RasterSource>& sources() const { return sources_; }
    const SceneMasks& masks() const { return masks_; }

private:
    bool surely_empty(std::size_t raster, const Window& window) const;

    SceneInfo info_;
    std::vector<RasterSource> sources_;
    std::vector<RasterSource> stored_;  ///< The same without nodata, for raw readers.
    SceneMasks masks_;
    mutable std::mutex mutex_;                     ///< Guards `datasets_`.
    mutable std::vector<DatasetHandle> datasets_;  ///< For questions of coverage; opened when first asked.
};

}  // namespace spectile
