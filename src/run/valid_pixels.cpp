#include "run/valid_pixels.hpp"

#include <algorithm>
#include <optional>

#include "raster/open_scene.hpp"
#include "spectile/error.hpp"

namespace spectile::run {
namespace {

constexpr std::int64_t kMostRows = 512;
constexpr std::int64_t kCheapValues = std::int64_t{1} << 28;
constexpr int kDeepestOverview = 9;

/// Pixels looked at in each part, and those of them that are valid.
class Counts {
public:
    explicit Counts(const Job& job)
        : parts_(job.plan.parts),
          extent_(job.plan.extent),
          seen_(static_cast<std::size_t>(parts_.count())),
          valid_(seen_.size()) {}

    /// A pixel at (x, y) of the scene; those outside the wanted part are passed over.
    void add(double x, double y, bool valid) {
        const double col = (x - static_cast<double>(extent_.x)) / static_cast<double>(parts_.part_width);
        const double row = (y - static_cast<double>(extent_.y)) / static_cast<double>(parts_.part_height);
        if (col < 0 || row < 0) return;
        add_to(static_cast<std::int64_t>(col), static_cast<std::int64_t>(row), valid);
    }
    void add_to(std::int64_t col, std::int64_t row, bool valid) {
        if (col >= parts_.columns() || row >= parts_.rows()) return;
        const auto index = static_cast<std::size_t>(row * parts_.columns() + col);
        ++seen_[index];
        valid_[index] += valid ? 1 : 0;
    }
    /// Shares become pixels; nothing where a part was not looked at.
    std::optional<std::vector<std::int64_t>> pixels() const {
        std::vector<std::int64_t> out(seen_.size());
        for (std::size_t i = 0; i < out.size(); ++i) {
            if (seen_[i] == 0) return std::nullopt;
            const auto area = parts_.part(static_cast<std::int64_t>(i)).window.area();
            out[i] = static_cast<std::int64_t>(static_cast<double>(area) * static_cast<double>(valid_[i]) /
                                               static_cast<double>(seen_[i]));
        }
        return out;
    }

private:
    const PartGrid& parts_;
    const Window& extent_;
    std::vector<std::int64_t> seen_, valid_;
};

/// The same scene on the grid of one of its overviews; nothing where it has none of that number.
std::unique_ptr<Scene> open_overview(const SceneDefinition& definition, int level) {
    SceneDefinition coarse = definition;
    coarse.aoi.window.reset();  // In pixels of the full scene; the extent of the plan holds it.
    coarse.open_options.push_back("OVERVIEW_LEVEL=" + std::to_string(level));
    try {
        return open_scene(coarse);
    } catch (const Error&) {
        return nullptr;
    }
}

std::optional<std::vector<std::int64_t>> count_overview(const Job& job) {
    const auto& info = job.scene->info();
    const auto band = job.chain->source_bands().front();
    for (int level = kDeepestOverview; level >= 0; --level) {
        const auto coarse = open_overview(job.scene_definition, level);
        if (!coarse) continue;
        const Grid& grid = coarse->info().grid;
        const double across = static_cast<double>(info.grid.width) / static_cast<double>(grid.width);
        const double down = static_cast<double>(info.grid.height) / static_cast<double>(grid.height);
        const auto side = static_cast<double>(job.plan.parts.part_width);
        if (side < 2 * across || side < 2 * down) continue;
        Counts counts(job);
        Cube cube;
        const auto reader = coarse->reader();
        for (std::int64_t row = 0; row < grid.height; ++row) {
            reader->read({0, row, grid.width, 1}, {&band, 1}, cube);
            for (std::int64_t col = 0; col < grid.width; ++col)
                counts.add((static_cast<double>(col) + 0.5) * across, (static_cast<double>(row) + 0.5) * down,
                           cube.valid[static_cast<std::size_t>(col)] != 0);
        }
        return counts.pixels();
    }
    return std::nullopt;
}

std::vector<std::int64_t> count_sample(const Job& job) {
    const Window& extent = job.plan.extent;
    const PartGrid& parts = job.plan.parts;
    const auto band = job.chain->source_bands().front();
    const std::int64_t lines = std::min({kMostRows, 2 * parts.rows(), extent.height});
    Counts counts(job);
    Cube cube;
    const auto reader = job.scene->reader();
    std::int64_t next = 0;  // Rows of parts that nothing has been counted for yet begin here.
    for (std::int64_t line = 0; line < lines; ++line) {
        const std::int64_t y = (2 * line + 1) * extent.height / (2 * lines);
        reader->read({extent.x, extent.y + y, extent.width, 1}, {&band, 1}, cube);
        // Where there are more rows of parts than lines, a line speaks for those above it too.
        const std::int64_t here = line + 1 == lines ? parts.rows() - 1 : y / parts.part_height;
        for (std::int64_t row = std::min(next, here); row <= here; ++row)
            for (std::int64_t col = 0; col < extent.width; ++col)
                counts.add_to(col / parts.part_width, row, cube.valid[static_cast<std::size_t>(col)] != 0);
        next = here + 1;
    }
    return *counts.pixels();
}

std::vector<std::int64_t> full_parts(const Job& job) {
    std::vector<std::int64_t> out(static_cast<std::size_t>(job.plan.parts.count()));
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = job.plan.parts.part(static_cast<std::int64_t>(i)).window.area();
    return out;
}

/// Parts that the file stores nothing of, or that nobody wants, are not read at all.
void empty_uncovered(const Job& job, std::vector<std::int64_t>& pixels) {
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        Window window = job.plan.parts.part(static_cast<std::int64_t>(i)).window;
        window.x += job.plan.extent.x;
        window.y += job.plan.extent.y;
        if (pixels[i] > 0 && !job.scene->may_be_valid(window)) pixels[i] = 0;
    }
}

bool rows_are_cheap(const Job& job) {
    const auto& info = job.scene->info();
    const auto values = info.grid.width * info.grid.height * static_cast<std::int64_t>(info.bands.size());
    return info.rasters.front().raw || values <= kCheapValues;
}

}  // namespace

ValidPixels estimate_valid_pixels(const Job& job) {
    ValidPixels out{{}, "overview"};
    if (const auto counted = job.scene->info().rasters.front().raw ? std::nullopt : count_overview(job)) {
        out.parts = *counted;
    } else if (rows_are_cheap(job)) {
        out = {count_sample(job), "sample"};
    } else {
        out = {full_parts(job), "coverage"};
    }
    empty_uncovered(job, out.parts);
    return out;
}

}  // namespace spectile::run
