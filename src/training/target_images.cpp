#include "training/target_images.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "pipeline/yaml_text.hpp"
#include "prepare/chain.hpp"
#include "prepare/statistics.hpp"
#include "raster/open_scene.hpp"
#include "spectile/error.hpp"

namespace spectile::training {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> stems_in(const std::string& list) {
    std::vector<std::string> stems;
    std::istringstream lines(definition::read_text(list, Code::missing));
    for (std::string line; std::getline(lines, line);) {
        line.erase(line.find_last_not_of(" \t\r") + 1);
        if (!line.empty()) stems.push_back(line);
    }
    if (stems.empty()) throw Error(Code::scene, list + ": names no image");
    return stems;
}

/// The file of that stem, whatever its extension.
std::string file_of(const std::map<std::string, std::string>& files, const std::string& stem,
                    const std::string& folder) {
    const auto found = files.find(stem);
    if (found == files.end())
        throw Error(Code::missing,
                    fmt::format("{}: holds no file called {} with any extension", folder, stem));
    return found->second;
}

std::map<std::string, std::string> files_by_stem(const std::string& folder) {
    if (!fs::is_directory(folder)) throw Error(Code::missing, folder + ": is no folder");
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.is_regular_file() && entry.path().extension() != ".xml")
            files[entry.path().stem().string()] = entry.path().string();
    return files;
}

Cube whole(const Scene& scene, const std::vector<int>& bands) {
    Cube cube;
    scene.reader()->read(scene.info().grid.window(), bands, cube);
    return cube;
}

/// Gives the steps that want figures of the whole scene those of this image.
void set_statistics(prepare::Chain& chain, const Cube& source) {
    while (const auto n = chain.next_statistics_step()) {
        Cube cube = source;
        chain.apply_prefix(cube, *n);
        std::vector<prepare::BandMoments> moments;
        prepare::merge(moments, prepare::moments_of(cube));
        auto statistics = prepare::finish(moments);
        if (chain.step(*n).needs() == Needs::histogram) prepare::count_values(cube, statistics);
        chain.set_statistics(*n, statistics);
    }
}

/// Colour images whose channels differ are no infrared images any more; one band of them is taken.
struct ColourImages {
    int count = 0;
    float most = 0;     ///< Largest difference between two bands at a pixel.
    std::string worst;  ///< File in which that is.
};

void count_colours(const std::string& file, ColourImages& colours) {
    SceneDefinition definition;
    definition.paths = {file};
    const auto scene = open_scene(definition);
    const auto bands = static_cast<int>(scene->info().bands.size());
    if (bands < 2) return;
    std::vector<int> all(static_cast<std::size_t>(bands));
    for (int i = 0; i < bands; ++i) all[static_cast<std::size_t>(i)] = i;
    const Cube cube = whole(*scene, all);
    float most = 0;
    for (int other = 1; other < bands; ++other)
        for (std::size_t i = 0; i < cube.pixels(); ++i)
            most = std::max(most, std::abs(cube.band(other)[i] - cube.band(0)[i]));
    if (most == 0) return;
    ++colours.count;
    if (most <= colours.most) return;
    colours.most = most;
    colours.worst = file;
}

void read_pixels(const Training& training, const ModelCard& card, const std::string& file,
                 TargetImage& image) {
    SceneDefinition definition;
    definition.paths = {file};
    definition.bands = {training.targets->band};
    const auto scene = open_scene(definition);
    auto chain = prepare::make_chain(scene->info(), {}, card);
    Cube cube = whole(*scene, chain.source_bands());
    set_statistics(chain, cube);
    chain.apply(cube);
    image.width = cube.cols();
    image.height = cube.rows();
    image.values = std::move(cube.values);
}

void read_truth(const Training& training, const std::string& file, TargetImage& image,
                std::vector<std::string>& warnings) {
    SceneDefinition definition;
    definition.paths = {file};
    definition.bands = {1};
    const auto scene = open_scene(definition);
    const Cube cube = whole(*scene, {0});
    const bool same = cube.cols() == image.width && cube.rows() == image.height;
    const auto line = fmt::format("{}: the mask has {}x{} pixels, its image {}x{}", file, cube.cols(),
                                  cube.rows(), image.width, image.height);
    if (!same && !training.targets->resize_masks)
        throw Error(Code::scene,
                    line + "; replace it, take it off the list, or give targets: {resize_masks: true}");
    if (!same) warnings.push_back(line + "; it is brought to the image's size by the nearest pixel");
    image.truth.resize(static_cast<std::size_t>(image.width * image.height));
    for (std::int64_t y = 0; y < image.height; ++y)
        for (std::int64_t x = 0; x < image.width; ++x) {
            const std::int64_t row = (2 * y + 1) * cube.rows() / (2 * image.height),
                               col = (2 * x + 1) * cube.cols() / (2 * image.width);
            const auto at = static_cast<std::size_t>(y * image.width + x);
            image.truth[at] = cube.values[static_cast<std::size_t>(row * cube.cols() + col)] != 0;
            if (image.truth[at] != 0) image.marked.push_back(static_cast<std::int64_t>(at));
        }
}

}  // namespace

ModelCard target_card(const Training& training, const std::optional<ModelCard>& start) {
    auto parameters = nlohmann::json::parse(start ? start->parameters : training.parameters);
    if (start) parameters.merge_patch(nlohmann::json::parse(training.parameters));
    if (start && !training.prepare.empty())
        throw Error(Code::definition, training.file + ": prepare: comes from start; leave the key out");
    if (parameters.value("bands", 0) != 1)
        throw Error(Code::definition, training.file +
                                          ": parameters.bands: must be 1; a detector learns from "
                                          "one band of the images");
    ModelCard card;
    card.file = training.file;
    card.name = training.name;
    card.summary = training.summary;
    card.task = Task::detection;
    card.architecture = start ? start->architecture : training.architecture;
    card.quantity = start && training.quantity.empty() ? start->quantity : training.quantity;
    card.prepare = start ? start->prepare : training.prepare;
    card.padding = Padding::reflect;
    card.nodata = training.nodata;
    card.licence = training.licence;
    card.bands = {{.name = "infrared", .wavelength_nm = {}, .fwhm_nm = {}}};
    card.matching = training.matching;
    card.matching.by = "position";
    card.parameters = parameters.dump();
    return card;
}

std::vector<TargetImage> load_target_images(const Training& training, const ModelCard& card,
                                            std::vector<std::string>& warnings) {
    const auto& targets = *training.targets;
    const auto images = files_by_stem(targets.images), masks = files_by_stem(targets.masks);
    std::vector<TargetImage> out;
    std::set<std::string> seen;
    ColourImages colours;
    for (const auto& [list, role] :
         {std::pair{&targets.training, Role::training}, std::pair{&targets.validation, Role::validation},
          std::pair{&targets.test, Role::test}}) {
        if (list->empty()) continue;
        for (const auto& stem : stems_in(*list)) {
            if (!seen.insert(stem).second)
                throw Error(Code::scene, fmt::format("{}: {} is named twice among the lists", *list, stem));
            TargetImage image;
            image.stem = stem;
            image.role = role;
            const auto file = file_of(images, stem, targets.images);
            count_colours(file, colours);
            read_pixels(training, card, file, image);
            read_truth(training, file_of(masks, stem + targets.mask_suffix, targets.masks), image, warnings);
            out.push_back(std::move(image));
        }
    }
    if (colours.count > 0)
        warnings.push_back(
            fmt::format("{} of {} images have bands that differ, by up to {:g} in {}; band {} "
                        "of them is used",
                        colours.count, out.size(), colours.most, colours.worst, targets.band));
    return out;
}

}  // namespace spectile::training
