// What simple rules reach on the scenes of two trainings of SpectralGPT, with everything that they need
// fitted to the same left half and judged on the same right half:
//
//   map_baselines DATA
//
// Water of models/spain-water/training.yaml: a threshold on NDWI (McFeeters 1996) and on MNDWI (Xu 2006).
// Change of models/taizhou-change/training.yaml: a threshold on the length of the difference of the
// standardised dates (change-vector analysis, Malila 1980).
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "raster/open_scene.hpp"
#include "spectile/error.hpp"

namespace {

using namespace spectile;

/// A labelled pixel: what the rule measures there, and whether it is what is looked for.
struct Pixel {
    double measure = 0;
    bool wanted = false;
    bool left = true;
};

struct Counts {
    double hits = 0, found = 0, wanted = 0;
    double iou() const { return hits / std::max(1.0, found + wanted - hits); }
    double precision() const { return hits / std::max(1.0, found); }
    double recall() const { return hits / std::max(1.0, wanted); }
    double f1() const { return 2 * hits / std::max(1.0, found + wanted); }
};

Counts count_above(const std::vector<Pixel>& pixels, double threshold, bool left) {
    Counts counts;
    for (const auto& p : pixels) {
        if (p.left != left) continue;
        counts.found += p.measure > threshold;
        counts.wanted += p.wanted;
        counts.hits += p.measure > threshold && p.wanted;
    }
    return counts;
}

/// The threshold with the highest F1 (and so the highest IoU) on the left half: every measure there is tried.
double best_threshold(const std::vector<Pixel>& pixels) {
    std::vector<Pixel> sorted;
    for (const auto& p : pixels)
        if (p.left) sorted.push_back(p);
    std::sort(sorted.begin(), sorted.end(),
              [](const auto& a, const auto& b) { return a.measure > b.measure; });
    Counts counts;
    for (const auto& p : sorted) counts.wanted += p.wanted;
    double best = -1, threshold = 0;
    for (std::size_t i = 0; i + 1 < sorted.size(); ++i) {
        ++counts.found;
        counts.hits += sorted[i].wanted;
        if (sorted[i].measure == sorted[i + 1].measure || counts.f1() <= best) continue;
        best = counts.f1();
        threshold = (sorted[i].measure + sorted[i + 1].measure) / 2;
    }
    return threshold;
}

Cube read_all(const SceneDefinition& definition) {
    const auto scene = open_scene(definition);
    std::vector<int> bands(scene->info().bands.size());
    std::iota(bands.begin(), bands.end(), 0);
    Cube cube;
    scene->reader()->read(scene->info().grid.window(), bands, cube);
    return cube;
}

Cube read_file(const std::string& path) {
    SceneDefinition definition;
    definition.paths = {path};
    return read_all(definition);
}

/// Pixels whose label is `no` or `yes`.
std::vector<Pixel> labelled(const std::vector<double>& measures, const Cube& scene, const Cube& labels,
                            int no, int yes) {
    std::vector<Pixel> pixels;
    for (std::size_t i = 0; i < measures.size(); ++i) {
        const auto label = static_cast<int>(labels.values[i]);
        const auto column = static_cast<std::int64_t>(i) % scene.cols();
        if (scene.valid[i] != 0 && (label == no || label == yes))
            pixels.push_back({measures[i], label == yes, column < scene.cols() / 2});
    }
    return pixels;
}

void report(const std::string& name, const std::vector<Pixel>& pixels) {
    const double threshold = best_threshold(pixels);
    for (const bool left : {true, false}) {
        const auto c = count_above(pixels, threshold, left);
        fmt::print(
            "{:<8} > {:.4f}  {:<10}  IoU {:.4f}  F1 {:.4f}  precision {:.4f}  recall {:.4f}  {:.0f} of {} "
            "pixels\n",
            name, threshold, left ? "left half" : "right half", c.iou(), c.f1(), c.precision(), c.recall(),
            c.wanted,
            std::count_if(pixels.begin(), pixels.end(), [&](const auto& p) { return p.left == left; }));
    }
}

void water(const std::string& data) {
    const auto folder = data + "/sen1floods11_spain/Spain_7370579_";
    const Cube scene = read_file(folder + "S2Hand.tif"), labels = read_file(folder + "LabelHand.tif");
    constexpr int kGreen = 2, kInfrared = 7, kShortwave = 11;  // B3, B8 and B11.
    for (const auto& [name, other] : {std::pair{"NDWI", kInfrared}, std::pair{"MNDWI", kShortwave}}) {
        std::vector<double> index(scene.pixels(), 0);
        for (std::size_t i = 0; i < index.size(); ++i) {
            const double green = scene.band(kGreen)[i], second = scene.band(other)[i];
            if (green + second > 0) index[i] = (green - second) / (green + second);
        }
        report(name, labelled(index, scene, labels, 0, 1));
    }
}

/// Less its mean over its deviation, of the whole band.
std::vector<double> standardised(const Cube& scene, int band) {
    const auto values = scene.band(band);
    const auto count = static_cast<double>(values.size());
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
    double squares = 0;
    for (const double value : values) squares += (value - mean) * (value - mean);
    std::vector<double> out;
    for (const double value : values) out.push_back((value - mean) / std::sqrt(squares / count));
    return out;
}

void change(const std::string& data) {
    const auto folder = data + "/taizhou_change/";
    SceneDefinition definition;
    definition.paths = {folder + "2000TM", folder + "2003TM"};
    definition.change = true;
    const Cube scene = read_all(definition), labels = read_file(folder + "taizhou_gt.tif");
    std::vector<double> length(scene.pixels(), 0);
    for (int band = 0; band < scene.bands / 2; ++band) {
        const auto before = standardised(scene, band), after = standardised(scene, band + scene.bands / 2);
        for (std::size_t i = 0; i < length.size(); ++i)
            length[i] += (before[i] - after[i]) * (before[i] - after[i]);
    }
    for (auto& value : length) value = std::sqrt(value);
    report("CVA", labelled(length, scene, labels, 1, 2));
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) {
        fmt::print(stderr, "usage: map_baselines DATA\n");
        return 64;
    }
    try {
        water(arguments[1]);
        change(arguments[1]);
    } catch (const Error& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 1;
    }
}
