#include "training/sample_gatherer.hpp"

#include <fmt/format.h>

#include "spectile/error.hpp"

namespace spectile::training {
namespace {

constexpr int kLeftOut = -1;

}  // namespace

SampleGatherer::SampleGatherer(const Training& training, const Grid& grid, int index) : index_(index) {
    const auto& labels = training.labels[static_cast<std::size_t>(index)];
    for (std::size_t i = 0; i < training.classes.size(); ++i)
        targets_[training.classes[i].value] = static_cast<int>(i);
    for (const int value : labels.left_out)
        if (!targets_.emplace(value, kLeftOut).second)
            throw Error(Code::definition,
                        fmt::format("{}: labels.ignore: {} is one of the classes", training.file, value));
    add_source(training, grid, labels.path, Role::training);
    if (!labels.validation.empty()) add_source(training, grid, labels.validation, Role::validation);
    if (!labels.test.empty()) add_source(training, grid, labels.test, Role::test);
}

void SampleGatherer::add_source(const Training& training, const Grid& grid, const std::string& path,
                                Role role) {
    LabelDefinition definition = training.labels[static_cast<std::size_t>(index_)];
    definition.path = path;
    LabelReader reader(grid, definition, training.classes);
    sources_.push_back({std::move(definition), role, std::move(reader)});
}

void SampleGatherer::gather(const Cube& strip, std::vector<Sample>& samples) {
    std::vector<std::uint8_t> taken(static_cast<std::size_t>(strip.window.area()), 0);
    for (auto& source : sources_) {
        const auto labels = source.reader.read(strip.window);
        for (std::size_t pixel = 0; pixel < labels.size(); ++pixel) {
            if (labels[pixel] == source.definition.ignore) continue;
            const auto x = strip.window.x + static_cast<std::int64_t>(pixel) % strip.window.width;
            const auto y = strip.window.y + static_cast<std::int64_t>(pixel) / strip.window.width;
            const auto target = targets_.find(labels[pixel]);
            if (target == targets_.end())
                throw Error(Code::scene,
                            fmt::format("{}: value {} at pixel ({}, {}) is no class of the training; add it "
                                        "to classes or to the labels' ignore",
                                        source.definition.path, labels[pixel], x, y));
            if (target->second == kLeftOut) continue;
            if (taken[pixel]++)
                throw Error(Code::scene,
                            fmt::format("{}: pixel ({}, {}) is labelled in another file of this split too; a "
                                        "pixel can only train, validate or test",
                                        source.definition.path, x, y));
            if (strip.valid[pixel] == 0)
                ++without_measurement_;
            else
                samples.push_back({index_, x, y, target->second, source.role});
        }
    }
}

}  // namespace spectile::training
