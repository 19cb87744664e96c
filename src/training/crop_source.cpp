#include "training/crop_source.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "spectile/error.hpp"
#include "training/for_each.hpp"

namespace spectile::training {
namespace {

constexpr int kDraws = 10;

/// Faults of one image; others end the training.
bool is_of_the_image(Code code) {
    return code == Code::scene || code == Code::missing || code == Code::read || code == Code::permission;
}

/// Copies [bands, side, side], mirrored as asked for.
void copy_flipped(const Cube& cube, int side, bool across, bool down, std::span<float> out) {
    const auto n = static_cast<std::size_t>(side);
    for (std::size_t line = 0; line < static_cast<std::size_t>(cube.bands) * n; ++line) {
        const std::size_t band = line / n, row = line % n;
        const float* from = cube.values.data() + (band * n + (down ? n - 1 - row : row)) * n;
        float* to = out.data() + line * n;
        if (across)
            std::reverse_copy(from, from + n, to);
        else
            std::copy_n(from, n, to);
    }
}

}  // namespace

/// The crops of one image among those asked for.
struct CropSource::Work {
    std::uint64_t place = 0;
    OpenImage* image = nullptr;
    std::vector<std::size_t> requests;
};

CropSource::CropSource(const SceneIndex& index, const PretrainingDefinition& definition,
                       const ModelCard& card, ParallelFor parallel, Warn warn)
    : index_(index),
      definition_(definition),
      card_(card),
      parallel_(std::move(parallel)),
      warn_(std::move(warn)) {}

std::vector<bool> CropSource::cut(std::span<const CropRequest> requests, int side, std::span<float> out) {
    ++calls_;
    std::map<std::uint64_t, std::vector<std::size_t>> by_place;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        const auto place = index_.place(requests[i].role, requests[i].number);
        if (left_out.places.count(place) == 0 && found.count(place) == 0) by_place[place].push_back(i);
    }
    std::vector<Work> works;
    for (auto& [place, wanted] : by_place) {
        works.push_back({place, &images_[place], std::move(wanted)});
        works.back().image->used = calls_;
    }
    close_oldest();
    // An image belongs to one thread, with all its crops: nothing is shared and nothing is locked.
    std::vector<std::uint8_t> done(requests.size(), 0);
    const std::size_t size = out.size() / std::max<std::size_t>(1, requests.size());
    for_each(parallel_, static_cast<std::int64_t>(works.size()), [&](std::int64_t n) {
        auto& work = works[static_cast<std::size_t>(n)];
        try {
            open(requests[work.requests.front()], side, *work.image);
            for (const auto i : work.requests)
                done[i] = cut_one(requests[i], side, *work.image, out.subspan(i * size, size));
        } catch (const Error& problem) {
            if (!is_of_the_image(problem.code())) throw;
            work.image->failure = problem.what();
        }
    });
    for (const auto& work : works) {
        if (!work.image->failure.empty()) {
            for (const auto i : work.requests) done[i] = 0;
            found.emplace(work.place, work.image->failure);
            images_.erase(work.place);
            continue;
        }
        for (const auto i : work.requests) left_out.empty_crops += done[i] == 0;
    }
    return {done.begin(), done.end()};
}

void CropSource::open(const CropRequest& request, int side, OpenImage& image) const {
    if (!image.scene) {
        open_image(index_.entry(request.role, request.number), card_, image);
        if (definition_.statistics == "image") set_image_statistics(image);
    }
    if (image.window.width < side || image.window.height < side)
        throw Error(Code::scene, fmt::format("{}: {} pixels are too few for crops of {}x{}",
                                             image.scene->info().name, to_string(image.window), side, side));
}

bool CropSource::cut_one(const CropRequest& request, int side, OpenImage& image, std::span<float> out) const {
    Random random = request.random;
    const bool across = random.uniform() < 0.5, down = random.uniform() < 0.5;
    const auto enough = static_cast<std::int64_t>(definition_.min_valid * side * side);
    Cube cube;
    for (int draw = 0; draw < kDraws; ++draw) {
        const auto room = [&](std::int64_t length) {
            return static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(length - side + 1)));
        };
        const std::int64_t x = image.window.x + room(image.window.width),
                           y = image.window.y + room(image.window.height);
        image.reader->read({x, y, side, side}, image.chain->source_bands(), cube);
        const auto valid = std::count(cube.valid.begin(), cube.valid.end(), std::uint8_t{1});
        if (valid < std::max<std::int64_t>(1, enough)) continue;
        if (definition_.statistics == "crop") set_crop_statistics(image, cube);
        image.chain->apply(cube);
        copy_flipped(cube, side, request.flips && across, request.flips && down, out);
        return true;
    }
    return false;
}

void CropSource::close_oldest() {
    while (images_.size() > static_cast<std::size_t>(definition_.open_scenes)) {
        const auto oldest =
            std::min_element(images_.begin(), images_.end(),
                             [](const auto& a, const auto& b) { return a.second.used < b.second.used; });
        if (oldest->second.used == calls_) return;  // All of them are needed now.
        images_.erase(oldest);
    }
}

void CropSource::leave_out(std::uint64_t place, const std::string& why) {
    left_out.places.insert(place);
    const auto& summary = index_.summary();
    const auto entries = summary.training + summary.validation;
    const auto line = fmt::format("{}: left out: {}", index_.where(place), why);
    const auto limit = static_cast<std::uint64_t>(definition_.left_out_share * static_cast<double>(entries));
    if (left_out.places.size() > limit)
        throw Error(
            Code::scene,
            fmt::format("{} of the {} entries of {} cannot be used, and left_out_share allows {}; the "
                        "last: {}: {}",
                        left_out.places.size(), entries, summary.file, limit, index_.where(place), why));
    warn_(line);
}

}  // namespace spectile::training
