#include "training/patch_source.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "prepare/statistics.hpp"
#include "raster/open_scene.hpp"
#include "spectile/error.hpp"
#include "training/for_each.hpp"
#include "training/frozen_step.hpp"
#include "training/open_image.hpp"

namespace spectile::training {
namespace {

constexpr std::size_t kBlock = 64;  // Patches whose figures are held at once.

/// Runs `body`, whose errors then name the patch's line.
template <typename Body>
auto naming_line(const PatchList& list, std::size_t patch, Body&& body) {
    try {
        return body();
    } catch (const Error& problem) {
        throw Error(problem.code(), fmt::format("{}: {}", list.where(patch), problem.what()),
                    problem.detail());
    }
}

/// An open patch and all of it as read.
struct ReadPatch {
    OpenImage image;
    Cube cube;
};

void read_whole(const PatchList& list, std::size_t patch, const ModelCard& card, ReadPatch& out) {
    open_image(list.entry(patch), card, out.image);
    out.image.reader->read(out.image.window, out.image.chain->source_bands(), out.cube);
    if (std::find(out.cube.valid.begin(), out.cube.valid.end(), std::uint8_t{1}) == out.cube.valid.end())
        throw Error(Code::scene,
                    out.image.scene->info().name + ": no pixel has a measurement; leave the patch out");
}

/// The chain's first step that is to become numbers.
std::optional<std::size_t> step_to_freeze(const prepare::Chain& chain) {
    for (std::size_t n = 0; n < chain.links().size(); ++n)
        if (!chain.links()[n].ready && can_freeze(chain.links()[n].name)) return n;
    return std::nullopt;
}

/// Figures of what enters step `n`, over all patches that train, in their order.
std::vector<BandStatistics> statistics_before(std::size_t n, const ModelCard& card, const PatchList& list,
                                              const ParallelFor& parallel) {
    const auto training = list.with_role(Role::training);
    std::vector<prepare::BandMoments> moments;
    for (std::size_t first = 0; first < training.size(); first += kBlock) {
        const auto count = std::min(kBlock, training.size() - first);
        std::vector<std::vector<prepare::BandMoments>> found(count);
        for_each(parallel, static_cast<std::int64_t>(count), [&](std::int64_t i) {
            const auto k = static_cast<std::size_t>(i);
            naming_line(list, training[first + k], [&] {
                ReadPatch patch;
                read_whole(list, training[first + k], card, patch);
                std::erase_if(patch.image.steps, [&](std::size_t step) { return step >= n; });
                set_crop_statistics(patch.image, patch.cube);
                patch.image.chain->apply_prefix(patch.cube, n);
                found[k] = prepare::moments_of(patch.cube);
            });
        });
        for (const auto& more : found) prepare::merge(moments, more);
    }
    return prepare::finish(moments);
}

}  // namespace

std::shared_ptr<const Cube> PatchSource::read(std::size_t patch) const {
    if (held_[patch]) return held_[patch];
    return naming_line(list_, patch, [&] {
        ReadPatch read;
        read_whole(list_, patch, card_, read);
        set_crop_statistics(read.image, read.cube);
        read.image.chain->apply(read.cube);
        return std::make_shared<const Cube>(std::move(read.cube));
    });
}

void PatchSource::hold(std::size_t patch, std::shared_ptr<const Cube> cube) {
    const std::uint64_t size = cube->values.size() * sizeof(float) + cube->valid.size();
    if (held_[patch] || bytes_ + size > kHeldBytes) return;
    bytes_ += size;
    held_[patch] = std::move(cube);
}

SceneInfo first_patch(const PatchList& list) {
    const auto first = list.with_role(Role::training).front();
    return naming_line(list, first, [&] { return open_scene(list.entry(first).scene)->info(); });
}

void freeze_steps(ModelCard& card, const PatchList& list, const ParallelFor& parallel) {
    const SceneInfo first = first_patch(list);
    while (true) {
        const auto chain = prepare::make_chain(first, {}, card);
        const auto n = step_to_freeze(chain);
        if (!n) return;
        const auto& name = chain.links()[*n].name;
        freeze_step(card, name, statistics_before(*n, card, list, parallel));
    }
}

}  // namespace spectile::training
