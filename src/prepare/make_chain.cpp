#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <tuple>

#include "prepare/bandwise.hpp"
#include "prepare/chain.hpp"
#include "prepare/fill.hpp"
#include "prepare/match_step.hpp"
#include "prepare/parameters.hpp"
#include "prepare/presets.hpp"
#include "prepare/resampling.hpp"
#include "prepare/selection.hpp"
#include "prepare/steps.hpp"
#include "spectile/error.hpp"

namespace spectile::prepare {
namespace {

using Link = Chain::Link;

Link make_link(const StepDefinition& definition, bool from_card) {
    Link link;
    link.step = make_step(definition);
    link.name = definition.name;
    const auto parameters =
        nlohmann::json::parse(definition.parameters.empty() ? "{}" : definition.parameters);
    link.parameters = parameters.is_null() ? "{}" : parameters.dump();
    link.from_card = from_card;
    link.place = place_of(definition);
    return link;
}

/// A step that every chain has, with its defaults.
Link own_link(const std::string& name) {
    StepDefinition definition;
    definition.name = name;
    return make_link(definition, false);
}

bool is_bandwise(const Link& link) { return dynamic_cast<const BandwiseStep*>(link.step.get()) != nullptr; }

/// Usable bands by wavelength, those without after them by name; in file order where the model goes by
/// position.
std::vector<int> reading_order(const std::vector<BandInfo>& bands, bool file_order) {
    std::vector<int> order;
    if (!file_order) order = spectral_order(bands);
    const std::size_t sorted = order.size();
    for (std::size_t band = 0; band < bands.size(); ++band)
        if (!bands[band].bad && (file_order || !bands[band].wavelength_nm))
            order.push_back(static_cast<int>(band));
    if (!file_order)
        std::stable_sort(order.begin() + static_cast<std::ptrdiff_t>(sorted), order.end(), [&](int a, int b) {
            return bands[static_cast<std::size_t>(a)].name < bands[static_cast<std::size_t>(b)].name;
        });
    return order;
}

}  // namespace

/// Puts a chain together, front to back.
class ChainBuilder {
public:
    ChainBuilder(const SceneInfo& scene, const std::vector<StepDefinition>& steps, const ModelCard& card)
        : scene_(scene), card_(card), all_(scene.bands) {
        for (std::size_t band = 0; band < all_.size(); ++band)
            if (all_[band].number == 0) all_[band].number = static_cast<int>(band) + 1;
        for (const auto& step : steps) {
            if (step.name == "preset" && &step != steps.data())
                throw Error(Code::definition,
                            place_of(step) + ": a preset is the first of a pipeline's steps");
            for (const auto& one : expand_preset(step, all_)) user_.push_back(make_link(one, false));
        }
        identity_ = card.bands.empty() && card.architecture == "identity";
    }

    Chain build() {
        choose_bands();
        fold_selections();
        const bool push_down = !card_.bands.empty() && std::all_of(user_.begin(), user_.end(), is_bandwise);
        std::optional<BandMatch> mixes;
        if (push_down) mixes = match_before_reading();
        chain_.bands_read_ = bands_;
        if (!identity_) add(own_link("physical"));
        for (auto& link : user_) add(std::move(link));
        if (mixes) add_match(std::move(*mixes));
        if (!card_.bands.empty() && !push_down) add_match(remember(find_bands()));
        name_as_the_model();
        for (const auto& definition : card_.prepare)
            for (const auto& one : expand_preset(definition, bands_)) add(make_link(one, true));
        finish();
        return std::move(chain_);
    }

private:
    void choose_bands() {
        std::vector<int> order;
        const bool by_steps = !std::all_of(user_.begin(), user_.end(), is_bandwise);
        if (!card_.bands.empty() && by_steps)
            order = reading_order(all_, two_dates() || matches_by_position(scene_.name, all_, card_));
        else
            for (std::size_t band = 0; band < all_.size(); ++band)
                if (identity_ || !card_.bands.empty() || !all_[band].bad)
                    order.push_back(static_cast<int>(band));
        if (order.empty())
            throw Error(Code::scene, scene_.name + ": no usable band; every band is marked bad");
        chain_.scene_bands_ = all_.size();
        take(order);
    }

    /// Narrows what is read to `chosen` of the bands so far.
    void take(const std::vector<int>& chosen) {
        std::vector<int> sources;
        std::vector<BandInfo> kept;
        for (const int band : chosen) {
            sources.push_back(bands_.empty() ? band : chain_.source_bands_[static_cast<std::size_t>(band)]);
            kept.push_back(bands_.empty() ? all_[static_cast<std::size_t>(band)]
                                          : bands_[static_cast<std::size_t>(band)]);
        }
        chain_.source_bands_ = std::move(sources);
        bands_ = std::move(kept);
    }

    void fold_selections() {
        while (!user_.empty()) {
            auto* selection = dynamic_cast<Selection*>(user_.front().step.get());
            if (!selection) return;
            selection->bind(bands_);
            take(selection->chosen());
            chain_.folded_.push_back(selection->describe());
            user_.erase(user_.begin());
        }
    }

    bool two_dates() const { return scene_.dates == 2 && card_.task == Task::change; }

    BandMatch find_bands() const {
        return two_dates() ? match_two_dates(scene_.name, bands_, card_)
                           : match_bands(scene_.name, bands_, card_);
    }

    /// Reads the matched bands alone. Returns the match where bands have still to be mixed.
    std::optional<BandMatch> match_before_reading() {
        BandMatch found = remember(find_bands());
        if (!found.resampled()) {
            take(found.sources());
            return std::nullopt;
        }
        std::vector<int> used;
        for (const int band : spectral_order(bands_)) {
            const auto needs = [&](const BandMix& mix) {
                return std::count(mix.sources.begin(), mix.sources.end(), band) > 0;
            };
            if (std::any_of(found.mixes.begin(), found.mixes.end(), needs)) used.push_back(band);
        }
        for (auto& mix : found.mixes)
            for (int& source : mix.sources)
                source = static_cast<int>(std::find(used.begin(), used.end(), source) - used.begin());
        take(used);
        return found;
    }

    /// Keeps the match for the plan's table, its rows naming bands of the scene.
    BandMatch remember(BandMatch match) {
        BandMatch table = match;
        for (auto& row : table.rows)
            if (row.source >= 0) row.source = bands_[static_cast<std::size_t>(row.source)].number;
        chain_.warnings_.insert(chain_.warnings_.end(), match.warnings.begin(), match.warnings.end());
        chain_.match_ = std::move(table);
        return match;
    }

    /// What a band is called in the scene says nothing to the model's own steps.
    void name_as_the_model() {
        if (card_.bands.size() != bands_.size()) return;
        for (std::size_t band = 0; band < bands_.size(); ++band)
            if (!card_.bands[band].name.empty()) bands_[band].name = card_.bands[band].name;
    }

    void add(Link link) {
        link.entering = bands_;
        link.ready = link.step->needs() == Needs::nothing;
        if (!link.ready && chain_.depends_on_tile())
            throw Error(Code::definition,
                        link.place +
                            ": statistics of the whole scene cannot follow a step that works tile "
                            "by tile; put it first, or leave one of them out");
        bands_ = link.step->bind(bands_);
        chain_.links_.push_back(std::move(link));
    }
    void add_match(BandMatch match) {
        Link link;
        link.step = std::make_unique<MatchStep>(std::move(match));
        link.name = "match";
        add(std::move(link));
    }
    void finish() {
        const bool filled = !chain_.links_.empty() && chain_.links_.back().name == "fill";
        chain_.untouched_ = chain_.links_.empty();
        if (!filled && !chain_.untouched_) add(own_link("fill"));
        chain_.bands_ = bands_;
        chain_.recipe_ = chain_.recipe_text();
    }

    const SceneInfo& scene_;
    const ModelCard& card_;
    std::vector<BandInfo> all_;    ///< Of the scene, numbered.
    std::vector<BandInfo> bands_;  ///< At the chain's end so far.
    std::vector<Link> user_;
    bool identity_ = false;
    Chain chain_;
};

Chain make_chain(const SceneInfo& scene, const std::vector<StepDefinition>& steps, const ModelCard& card) {
    return ChainBuilder(scene, steps, card).build();
}

}  // namespace spectile::prepare
