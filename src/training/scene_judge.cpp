#include "training/scene_judge.hpp"

#include <algorithm>

#include "core/serially.hpp"
#include "models/networks/spectral_gpt/tile_model.hpp"
#include "mosaic/blend.hpp"
#include "spectile/plan.hpp"
#include "training/for_each.hpp"
#include "training/training_device.hpp"

namespace spectile::training {
namespace {

constexpr int kBlock = 64;  // Rows of the map that are taken out at once.

/// Where a scene's samples of one role lie, and what is said of them.
class Wanted {
public:
    Wanted(const Dataset& data, Role role, int scene)
        : size_(data.scenes[static_cast<std::size_t>(scene)].size) {
        at_.assign(static_cast<std::size_t>(size_.width * size_.height), -1);
        for (std::size_t i = 0; i < data.samples.size(); ++i) {
            const auto& s = data.samples[i];
            if (s.scene != scene || s.role != role) continue;
            at_[static_cast<std::size_t>(s.y * size_.width + s.x)] =
                static_cast<std::int64_t>(samples.size());
            samples.push_back(i);
        }
        predicted.assign(samples.size(), 0);
    }
    bool any(const Window& window) const {
        for (auto y = window.y; y < window.bottom(); ++y) {
            const auto row = at_.begin() + y * size_.width;
            if (std::any_of(row + window.x, row + window.right(), [](auto at) { return at >= 0; }))
                return true;
        }
        return false;
    }
    /// Takes the class with the highest probability for the samples in a strip of whole rows.
    void read(const Prediction& strip) {
        const std::size_t plane = strip.pixels();
        for (std::size_t i = 0; i < plane; ++i) {
            const auto at = at_[static_cast<std::size_t>(strip.window.y * size_.width) + i];
            if (at < 0) continue;
            int best = 0;
            for (int c = 1; c < strip.channels; ++c)
                if (strip.values[static_cast<std::size_t>(c) * plane + i] >
                    strip.values[static_cast<std::size_t>(best) * plane + i])
                    best = c;
            predicted[static_cast<std::size_t>(at)] = best;
        }
    }
    std::vector<std::size_t> samples;  ///< Positions in the dataset.
    std::vector<int> predicted;

private:
    SceneSize size_;
    std::vector<std::int64_t> at_;
};

/// One scene on its way through the network, a row of windows after the other.
class SceneMap {
public:
    SceneMap(const Model& model, const PreparedScene& scene, const TileGrid& grid,
             const ParallelFor& parallel)
        : model_(model), scene_(scene), grid_(grid), parallel_(parallel) {}

    void judge(int classes, Wanted& wanted) {
        const bool blended = grid_.blend != Blend::none;
        mosaic::Blender blender(grid_.scene_width, grid_.scene_height, kBlock, classes,
                                blended ? grid_.halo : 0);
        const std::int64_t blocks = (grid_.scene_height + kBlock - 1) / kBlock;
        std::int64_t taken = 0;
        for (std::int64_t row = 0; row < grid_.rows(); ++row) {
            add_row(row, wanted, blender);
            const bool last = row + 1 == grid_.rows();
            const auto finished = last ? grid_.scene_height : grid_.tile((row + 1) * grid_.columns()).keep.y;
            for (; taken < blocks && (last || (taken + 1) * kBlock <= finished); ++taken)
                wanted.read(blender.take(taken));
        }
    }

private:
    void add_row(std::int64_t row, const Wanted& wanted, mosaic::Blender& blender) {
        std::vector<Tile> tiles;
        for (std::int64_t col = 0; col < grid_.columns(); ++col) {
            const Tile tile = grid_.tile(row * grid_.columns() + col);
            if (wanted.any(tile.keep)) tiles.push_back(tile);
        }
        std::vector<Prediction> predictions(tiles.size());
        for_each(parallel_, static_cast<std::int64_t>(tiles.size()), [&](std::int64_t i) {
            const auto at = static_cast<std::size_t>(i);
            const Cube cube = window_of(scene_, tiles[at].padded);
            model_.start()->predict({&cube, 1}, {&predictions[at], 1}, serially);
        });
        for (std::size_t i = 0; i < tiles.size(); ++i) blender.add(tiles[i], predictions[i]);
    }

    const Model& model_;
    const PreparedScene& scene_;
    const TileGrid& grid_;
    const ParallelFor& parallel_;
};

/// Shared with the model as long as that lives.
std::unique_ptr<Model> model_of(networks::SpectralGpt& network) {
    const std::shared_ptr<networks::SpectralGpt> shared(std::shared_ptr<void>(), &network);
    const auto device = device_of(network.tensors());
    return device.is_cpu() ? networks::make_tile_model(shared)
                           : networks::make_tile_model_on(device.str(), shared);
}

}  // namespace

double score_of(const evaluate::Accuracy& accuracy, const Dataset& data, const std::string& task) {
    if (task != "change") return accuracy.mean_iou;
    const auto changed = std::find_if(accuracy.per_class.begin(), accuracy.per_class.end(),
                                      [&](const auto& c) { return c.value == data.classes.at(1).value; });
    return changed == accuracy.per_class.end() ? 0 : changed->f1.value_or(0);
}

Judged judge_scenes(networks::SpectralGpt& network, const Dataset& data, Role role, const SceneJudging& how) {
    const KeepAsking kept(network);
    const auto model = model_of(network);
    const int core = network.window() - 2 * how.windows.halo;
    Judged judged;
    for (std::size_t i = 0; i < data.scenes.size(); ++i) {
        Wanted wanted(data, role, static_cast<int>(i));
        if (wanted.samples.empty()) continue;
        const auto& scene = data.scenes[i];
        const TileGrid grid{.scene_width = scene.size.width,
                            .scene_height = scene.size.height,
                            .tile_width = core,
                            .tile_height = core,
                            .halo = how.windows.halo,
                            .fixed = true,
                            .blend = how.windows.blend};
        SceneMap(*model, scene, grid, how.parallel).judge(static_cast<int>(data.classes.size()), wanted);
        judged.samples.insert(judged.samples.end(), wanted.samples.begin(), wanted.samples.end());
        judged.predicted.insert(judged.predicted.end(), wanted.predicted.begin(), wanted.predicted.end());
    }
    judged.confusion = confusion_of(judged, data);
    return judged;
}

}  // namespace spectile::training
