#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "spectile/pretraining.hpp"
#include "training/open_image.hpp"
#include "training/random.hpp"

namespace spectile::training {

/// A crop that is wanted: of which entry, and the random numbers that say where and whether mirrored.
struct CropRequest {
    Role role = Role::training;
    std::uint64_t number = 0;  ///< Of the entry: SceneIndex::entry.
    Random random;
    bool flips = false;
};

/// Entries that cannot be used, by the place of their line.
struct LeftOut {
    std::set<std::uint64_t> places;
    std::uint64_t empty_crops = 0;  ///< Crops left out since no place with enough measurements was found.
};

/// Cuts prepared crops out of the images of an index, which are opened when they are needed. At most
/// `open_scenes` images stay open between two calls.
///
/// A crop is a function of its request alone. An image that cannot be read, has not the card's bands or is
/// smaller than a crop is left out from then on.
class CropSource {
public:
    using Warn = std::function<void(const std::string&)>;

    CropSource(const SceneIndex& index, const PretrainingDefinition& definition, const ModelCard& card,
               ParallelFor parallel, Warn warn);

    /// Fills `out`, [requests, bands, side, side]. True for each crop that is there; the values of others are
    /// left as they were. Of images that are left out or in `found` nothing is read.
    std::vector<bool> cut(std::span<const CropRequest> requests, int side, std::span<float> out);
    /// Leaves an entry out for good, with one warning that names its line. Throws Error{Code::scene} once
    /// more are left out than the definition allows.
    void leave_out(std::uint64_t place, const std::string& why);

    LeftOut left_out;
    /// Unusable images that `cut` came across, and why: for those that hear of them to leave out.
    std::map<std::uint64_t, std::string> found;

private:
    struct Work;
    void open(const CropRequest& request, int side, OpenImage& image) const;
    bool cut_one(const CropRequest& request, int side, OpenImage& image, std::span<float> out) const;
    void close_oldest();

    const SceneIndex& index_;
    const PretrainingDefinition& definition_;
    const ModelCard& card_;
    ParallelFor parallel_;
    Warn warn_;
    std::map<std::uint64_t, OpenImage> images_;
    std::uint64_t calls_ = 0;
};

}  // namespace spectile::training
