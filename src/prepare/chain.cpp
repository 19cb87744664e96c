#include "prepare/chain.hpp"

#include <algorithm>

#include "prepare/bandwise.hpp"
#include "prepare/standardise.hpp"
#include "prepare/tile_step.hpp"
#include "prepare/validity.hpp"
#include "spectile/error.hpp"

namespace spectile::prepare {

int Chain::widest() const {
    std::size_t most = std::max(bands_read_.size(), bands_.size());
    for (const auto& link : links_) most = std::max(most, link.entering.size());
    return static_cast<int>(most);
}

void Chain::run(Cube& cube, std::size_t count) const {
    std::vector<const BandwiseStep*> neighbours;
    bool suspect = true;  // whether a value that is not finite may be among the pixels
    const auto flush = [&] {
        if (neighbours.empty()) return;
        suspect = apply_bandwise(neighbours, cube);
        neighbours.clear();
    };
    for (std::size_t n = 0; n < count; ++n) {
        if (const auto* bandwise = dynamic_cast<const BandwiseStep*>(links_[n].step.get())) {
            neighbours.push_back(bandwise);
            continue;
        }
        flush();
        links_[n].step->apply(cube);
        suspect = true;
    }
    flush();
    if (suspect) invalidate_not_finite(cube);
}

void Chain::apply(Cube& cube) const {
    if (untouched_) return;
    if (next_statistics_step())
        throw Error(Code::internal, "preparation: statistics of the whole scene are missing");
    // The last step is fill: what the others left is checked first, then filled.
    run(cube, links_.size() - 1);
    links_.back().step->apply(cube);
}

std::optional<std::size_t> Chain::next_statistics_step() const {
    for (std::size_t n = 0; n < links_.size(); ++n)
        if (!links_[n].ready) return n;
    return std::nullopt;
}

void Chain::apply_prefix(Cube& cube, std::size_t n) const {
    if (const auto missing = next_statistics_step(); missing && *missing < n)
        throw Error(Code::internal, "preparation: statistics are collected in the order of the steps");
    run(cube, n);
}

void Chain::set_statistics(std::size_t n, const std::vector<BandStatistics>& bands) {
    auto& link = links_.at(n);
    if (bands.size() != link.entering.size())
        throw Error(Code::internal, link.name + ": statistics of another number of bands");
    link.step->set_statistics(bands);
    link.ready = true;
}

bool Chain::depends_on_tile() const {
    return std::any_of(links_.begin(), links_.end(), [](const Link& link) {
        return dynamic_cast<const TileStep*>(link.step.get()) != nullptr;
    });
}

std::optional<Chain::Standard> Chain::card_standard() const {
    for (std::size_t n = 0; n < links_.size(); ++n) {
        const auto* step = dynamic_cast<const Standardise*>(links_[n].step.get());
        if (step && links_[n].from_card && !step->from_scene())
            return Standard{n, step->mean(), step->standard_deviation()};
    }
    return std::nullopt;
}

}  // namespace spectile::prepare
