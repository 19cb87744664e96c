#pragma once

#include <string>
#include <vector>

#include "products/assemble.hpp"
#include "run/computed.hpp"
#include "run/pending_files.hpp"

namespace spectile::run {

/// The rasters of one scene's run, assembled from its parts on the products' grid.
class ProductRasters {
public:
    /// What is referred to must outlive this; folders that are to be removed are told to `pending`.
    ProductRasters(const Computed& computed, PendingFiles& pending)
        : computed_(computed), job_(computed.job), pending_(pending) {}

    /// Assembles the next of the job's rasters. Returns what was assembled; the result is `results().back()`.
    products::AssembleJob assemble(const RasterOutput& raster);
    /// In the job's order.
    const std::vector<products::AssembleResult>& results() const { return results_; }
    /// What every raster of the run has in common, on the scene's grid.
    products::AssembleJob blank(const ProductDefinition& definition) const;
    /// The finished scores that features are read off, on the scene's grid.
    std::string scores() const;

private:
    products::AssembleJob on_scene_grid(const RasterOutput& raster) const;
    products::AssembleJob on_target_grid(const RasterOutput& raster, const products::AssembleJob& assembly);
    void keep_scores(products::AssembleJob scores);
    std::string warped() const { return computed_.work + "/warped.tif"; }

    const Computed& computed_;
    const Job& job_;
    PendingFiles& pending_;
    std::string own_scores_;  ///< On the scene's grid, where the product is on another.
    std::vector<products::AssembleResult> results_;
};

}  // namespace spectile::run
