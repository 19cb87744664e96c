#pragma once

#include <memory>
#include <vector>

#include "spectile/cube.hpp"
#include "spectile/model.hpp"
#include "training/patch_list.hpp"

namespace spectile::training {

/// Prepared patches, read when they are needed. The first kHeldBytes of them stay in memory, which decides
/// nothing but speed.
class PatchSource {
public:
    /// Both must outlive it.
    PatchSource(const PatchList& list, const ModelCard& card)
        : list_(list), card_(card), held_(list.size()) {}

    /// Prepared as a run would prepare it, by statistics of its own where a step wants them: [bands, rows,
    /// cols]. Any thread. Throws as open_scene and make_chain do, naming the line of the index, and
    /// Error{Code::scene} where nothing is measured.
    std::shared_ptr<const Cube> read(std::size_t patch) const;
    /// Keeps what was read, if there is room. Not while another thread reads.
    void hold(std::size_t patch, std::shared_ptr<const Cube> cube);

    const PatchList& list() const { return list_; }

    static constexpr std::uint64_t kHeldBytes = 2ULL << 30;

private:
    const PatchList& list_;
    const ModelCard& card_;
    std::vector<std::shared_ptr<const Cube>> held_;
    std::uint64_t bytes_ = 0;
};

/// The first patch that trains, as a scene. Throws as open_scene does, naming the line.
SceneInfo first_patch(const PatchList& list);

/// Turns standardise and min_max `from: scene` of a card into numbers of all patches that train. Other steps
/// with statistics keep to each patch's own. Throws as PatchSource::read does.
void freeze_steps(ModelCard& card, const PatchList& list, const ParallelFor& parallel);

}  // namespace spectile::training
