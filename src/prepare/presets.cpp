#include "prepare/presets.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "prepare/parameters.hpp"
#include "prepare/sentinel2_names.hpp"
#include "spectile/error.hpp"

namespace spectile::prepare {
namespace {

using nlohmann::json;
using Names = std::vector<std::string>;

const Names kTwelve = {"B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B8A", "B9", "B11", "B12"};
const Names kThirteen = {"B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B8A", "B9", "B10", "B11", "B12"};
const Names kTen = {"B2", "B3", "B4", "B5", "B6", "B7", "B8", "B8A", "B11", "B12"};
constexpr int kPlaceOfB10 = 10;

/// Of BigEarthNet, in the order of kTwelve.
const std::vector<double> kBenMean = {1370.19151926, 1184.3824625,  1120.77120066, 1136.26026392,
                                      1263.73947144, 1645.40315151, 1846.87040806, 1762.59530783,
                                      1972.62420416, 582.72633433,  1732.16362238, 1247.91870117};
const std::vector<double> kBenStd = {633.15169573,  650.2842772,   712.12507725,  965.23119807,
                                     948.9819932,   1108.06650639, 1258.36394548, 1233.1492281,
                                     1364.38688993, 472.37967789,  1310.36996126, 1087.6020813};
/// Of EuroSAT, in the order of kThirteen.
const std::vector<double> kEurosatMean = {
    752.40087073,  884.29673756,  1144.16202635, 1297.47289228, 1624.90992062, 2194.6423161, 2422.21248945,
    2517.76053101, 2581.64687018, 2645.51888987, 582.72633433,  2368.51236873, 1805.06846033};
const std::vector<double> kEurosatStd = {
    1108.02887453, 1155.15170768, 1183.6292542,  1368.11351514, 1370.265037,   1355.55390699, 1416.51487101,
    1474.78900051, 1439.3086061,  1582.28010962, 472.37967789,  1455.52084939, 1343.48379601};

/// The bands of one date as a preset finds them.
struct Entering {
    const std::string& place;
    const std::vector<BandInfo>& bands;
};

int dates_of(const std::vector<BandInfo>& bands) {
    return bands.size() > kThirteen.size() && bands.size() % 2 == 0 ? 2 : 1;
}

/// Places of `wanted` among the bands of one date, from `begin`; empty where no band has a name.
std::vector<std::size_t> places_by_name(const Entering& in, std::size_t begin, std::size_t count,
                                        const Names& wanted) {
    Names names;
    for (std::size_t i = begin; i < begin + count; ++i) names.push_back(sentinel2_name(in.bands[i].name));
    if (std::all_of(names.begin(), names.end(), [](const auto& name) { return name.empty(); })) return {};
    std::vector<std::size_t> places;
    for (const auto& name : wanted) {
        const auto found = std::find(names.begin(), names.end(), name);
        if (found == names.end())
            throw Error(Code::definition, fmt::format("{}: no band that enters is called {}; it needs {}",
                                                      in.place, name, fmt::join(wanted, ", ")));
        places.push_back(begin + static_cast<std::size_t>(found - names.begin()));
    }
    return places;
}

/// Places in the network's order. Without names there must be as many bands as it takes, or the thirteen of a
/// file with B10.
std::vector<std::size_t> places_of(const Entering& in, const Names& wanted) {
    const auto dates = static_cast<std::size_t>(dates_of(in.bands));
    const std::size_t count = in.bands.size() / dates;
    std::vector<std::size_t> places;
    for (std::size_t begin = 0; begin < in.bands.size(); begin += count) {
        auto own = places_by_name(in, begin, count, wanted);
        const bool with_b10 = wanted.size() == kTwelve.size() && count == kThirteen.size();
        if (own.empty() && count != wanted.size() && !with_b10)
            throw Error(Code::definition,
                        fmt::format("{}: {} bands without Sentinel-2's names enter, and it "
                                    "needs {}: {}",
                                    in.place, in.bands.size(), wanted.size(), fmt::join(wanted, ", ")));
        for (std::size_t i = 0; own.size() < wanted.size(); ++i)
            if (!with_b10 || i != kPlaceOfB10) own.push_back(begin + i);
        places.insert(places.end(), own.begin(), own.end());
    }
    return places;
}

/// Steps are made in one place of the definition's file.
class Steps {
public:
    explicit Steps(const StepDefinition& like) : like_(like) {}
    void add(const std::string& name, const json& parameters) {
        StepDefinition step = like_;
        step.name = name;
        step.parameters = parameters.dump();
        list_.push_back(std::move(step));
    }
    /// Nothing where the bands lie so already.
    void add_selection(const std::vector<BandInfo>& bands, const std::vector<std::size_t>& places) {
        bool same = places.size() == bands.size();
        for (std::size_t i = 0; same && i < places.size(); ++i) same = places[i] == i;
        if (same) return;
        // `select` goes by the number in the scene, where every band has one.
        const bool numbered =
            std::all_of(bands.begin(), bands.end(), [](const auto& band) { return band.number > 0; });
        json numbers = json::array();
        for (const auto place : places)
            numbers.push_back(numbered ? bands[place].number : static_cast<int>(place) + 1);
        add("select", {{"bands", numbers}});
    }
    std::vector<StepDefinition> take() { return std::move(list_); }

private:
    const StepDefinition& like_;
    std::vector<StepDefinition> list_;
};

/// A number per band of all dates.
std::vector<double> per_date(const std::vector<double>& values, int dates) {
    std::vector<double> all;
    for (int date = 0; date < dates; ++date) all.insert(all.end(), values.begin(), values.end());
    return all;
}

std::vector<double> without_b10(std::vector<double> values) {
    values.erase(values.begin() + kPlaceOfB10);
    return values;
}

void add_tile_min_max(const Entering& in, const Names& wanted, double eps, Steps& steps) {
    steps.add_selection(in.bands, places_of(in, wanted));
    steps.add("min_max", {{"from", "tile"}, {"eps", eps}});
}

void add_ben_finetune(const Entering& in, Steps& steps) {
    steps.add_selection(in.bands, places_of(in, kTwelve));
    std::vector<double> low, high;
    for (std::size_t i = 0; i < kTwelve.size(); ++i) {
        low.push_back(kBenMean[i] - 2 * kBenStd[i]);
        high.push_back(kBenMean[i] + 2 * kBenStd[i]);
    }
    const int dates = dates_of(in.bands);
    steps.add("eight_bit", {{"low", per_date(low, dates)}, {"high", per_date(high, dates)}});
}

void add_eurosat(const Entering& in, const std::vector<std::size_t>& places, Steps& steps) {
    steps.add_selection(in.bands, places);
    const int dates = dates_of(in.bands);
    steps.add("standardise", {{"mean", per_date(without_b10(kEurosatMean), dates)},
                              {"std", per_date(without_b10(kEurosatStd), dates)}});
}

/// The loader takes EuroSAT's files, whose order is another, for fMoW's.
void add_eurosat_official(const Entering& in, Steps& steps) {
    if (in.bands.size() != kThirteen.size())
        throw Error(Code::definition,
                    fmt::format("{}: {} bands enter, and it needs the 13 of EuroSAT's files", in.place,
                                in.bands.size()));
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < kThirteen.size(); ++i)
        if (i != kPlaceOfB10) places.push_back(i);
    add_eurosat(in, places, steps);
}

void add_segmunich(const Entering& in, Steps& steps) {
    if (dates_of(in.bands) > 1)
        throw Error(Code::definition, in.place + ": it is for one date, and here are two");
    steps.add_selection(in.bands, places_of(in, kTen));
    steps.add("append_mean", {{"times", 2}});
    steps.add("min_max", {{"from", "tile"}, {"eps", 1e-9}});
}

struct Preset {
    PresetEntry entry;
    std::function<void(const Entering&, Steps&)> add;
};

const std::vector<Preset>& presets() {
    static const std::vector<Preset> table = {
        {{"fmow", "12 bands (B10 dropped), min-max of each tile and band, eps 1e-10"},
         [](const Entering& in, Steps& steps) { add_tile_min_max(in, kTwelve, 1e-10, steps); }},
        {{"ben_pretrain", "12 bands, min-max of each tile and band, eps 1e-12"},
         [](const Entering& in, Steps& steps) { add_tile_min_max(in, kTwelve, 1e-12, steps); }},
        {{"ben_finetune",
          "12 bands, BigEarthNet's mean - 2 std to mean + 2 std in 256 steps, cut off, as 0 to 1"},
         add_ben_finetune},
        {{"eurosat", "12 bands (B10 dropped), standardised with EuroSAT's numbers by band name"},
         [](const Entering& in, Steps& steps) { add_eurosat(in, places_of(in, kTwelve), steps); }},
        {{"eurosat_official",
          "the 13 bands of EuroSAT's files, the 11th dropped, standardised by place as the published loader "
          "does, which takes neighbouring bands' numbers"},
         add_eurosat_official},
        {{"segmunich", "10 bands, their mean appended twice, min-max of each tile and band, eps 1e-9"},
         add_segmunich},
        {{"oscd", "12 bands, min-max of each tile, date and band, no eps: a constant band becomes 0"},
         [](const Entering& in, Steps& steps) { add_tile_min_max(in, kTwelve, 0, steps); }}};
    return table;
}

const std::vector<StepKey> kPresetKeys = {{"name", "one of the published recipes", ""}};

}  // namespace

const std::vector<PresetEntry>& preset_entries() {
    static const std::vector<PresetEntry> entries = [] {
        std::vector<PresetEntry> list;
        for (const auto& preset : presets()) list.push_back(preset.entry);
        return list;
    }();
    return entries;
}

std::vector<StepDefinition> expand_preset(const StepDefinition& definition,
                                          const std::vector<BandInfo>& bands) {
    if (definition.name != "preset") return {definition};
    const Parameters given(definition, kPresetKeys);
    Names names;
    for (const auto& preset : presets()) names.push_back(preset.entry.name);
    if (!given.has("name"))
        throw Error(Code::definition,
                    fmt::format("{}: name one of {}", given.place(), fmt::join(names, ", ")));
    const std::string name = given.one_of("name", names);
    const std::string place = given.place() + " " + name;
    Steps steps(definition);
    for (const auto& preset : presets())
        if (preset.entry.name == name) preset.add({place, bands}, steps);
    return steps.take();
}

}  // namespace spectile::prepare
