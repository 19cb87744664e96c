#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "prepare/parameters.hpp"
#include "prepare/selection.hpp"
#include "spectile/error.hpp"

// select: bands by their number in the scene, by name or by wavelength, in the order given.
namespace spectile::prepare {
namespace {

const std::vector<StepKey> kSelectKeys = {
    {"bands", "numbers from 1 and ranges: 3, [1, 4, 2] or \"3-7, 12\"", ""},
    {"names", "band names", ""},
    {"wavelengths", "wavelengths in nm; the nearest band is taken", ""},
    {"tolerance_nm", "largest distance to a wavelength asked for", "10"}};

int whole(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(' ');
    return begin == std::string_view::npos ? std::string_view()
                                           : text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

/// "3-7, 12" as numbers; throws naming the piece that is none.
void add_ranges(std::string_view text, const Parameters& given, std::vector<int>& numbers) {
    constexpr int kMost = 100'000;
    while (!text.empty()) {
        const auto comma = std::min(text.find(','), text.size());
        const auto piece = trimmed(text.substr(0, comma));
        text.remove_prefix(std::min(comma + 1, text.size()));
        const auto dash = std::min(piece.find('-'), piece.size());
        const int first = whole(trimmed(piece.substr(0, dash)));
        const int last = dash == piece.size() ? first : whole(trimmed(piece.substr(dash + 1)));
        if (first < 1 || last < first || last > kMost)
            given.refuse("bands",
                         fmt::format("'{}' is neither a band number from 1 nor a range such as 3-7", piece));
        for (int number = first; number <= last; ++number) numbers.push_back(number);
    }
}

std::vector<int> band_numbers(const Parameters& given) {
    std::vector<int> numbers;
    const auto& value = given.value("bands");
    const auto list = value.is_array() ? value : nlohmann::json::array({value});
    for (const auto& item : list) {
        if (item.is_string())
            add_ranges(item.get<std::string>(), given, numbers);
        else
            add_ranges(item.dump(), given, numbers);
    }
    if (numbers.empty()) given.refuse("bands", "no band is named");
    return numbers;
}

std::vector<std::string> band_names(const Parameters& given) {
    std::vector<std::string> names;
    const auto& value = given.value("names");
    const auto list = value.is_array() ? value : nlohmann::json::array({value});
    for (const auto& item : list) {
        if (!item.is_string()) given.refuse("names", fmt::format("{} is not a name", item.dump()));
        names.push_back(item.get<std::string>());
    }
    return names;
}

class Select : public Selection {
public:
    explicit Select(const StepDefinition& definition) : Select(Parameters(definition, kSelectKeys)) {}

    std::vector<int> choose(const std::vector<BandInfo>& bands) const override {
        std::vector<int> chosen;
        for (const int number : numbers_) chosen.push_back(by_number(bands, number));
        for (const auto& name : names_) chosen.push_back(by_name(bands, name));
        for (const double wavelength : wavelengths_) chosen.push_back(by_wavelength(bands, wavelength));
        return chosen;
    }
    std::string describe() const override {
        const std::string by = !numbers_.empty() ? "number" : !names_.empty() ? "name" : "wavelength";
        return fmt::format("select: {} bands by {}", chosen().size(), by);
    }

private:
    explicit Select(const Parameters& given)
        : place_(given.place()), tolerance_nm_(given.number("tolerance_nm")) {
        if (int{given.has("bands")} + int{given.has("names")} + int{given.has("wavelengths")} != 1)
            throw Error(Code::definition, place_ + ": give one of bands, names or wavelengths");
        if (given.has("bands")) numbers_ = band_numbers(given);
        if (given.has("names")) names_ = band_names(given);
        wavelengths_ = given.numbers("wavelengths");
    }

    [[noreturn]] void refuse(const std::string& what) const {
        throw Error(Code::definition, place_ + ": " + what);
    }

    int by_number(const std::vector<BandInfo>& bands, int number) const {
        const bool numbered =
            std::all_of(bands.begin(), bands.end(), [](const auto& band) { return band.number > 0; });
        for (std::size_t band = 0; band < bands.size(); ++band)
            if ((numbered ? bands[band].number : static_cast<int>(band) + 1) == number)
                return static_cast<int>(band);
        refuse(fmt::format("band {} is not among the {} bands that enter (bad bands are left out)", number,
                           bands.size()));
    }
    int by_name(const std::vector<BandInfo>& bands, const std::string& name) const {
        int found = -1;
        for (std::size_t band = 0; band < bands.size(); ++band) {
            if (bands[band].name != name) continue;
            if (found >= 0) refuse(fmt::format("two bands are called '{}'; give numbers", name));
            found = static_cast<int>(band);
        }
        if (found < 0) refuse(fmt::format("no band is called '{}'", name));
        return found;
    }
    int by_wavelength(const std::vector<BandInfo>& bands, double wavelength) const {
        int found = -1;
        double nearest = INFINITY;
        for (std::size_t band = 0; band < bands.size(); ++band) {
            if (!bands[band].wavelength_nm) continue;
            const double residual = std::abs(*bands[band].wavelength_nm - wavelength);
            const bool tie_lower =
                residual == nearest &&
                *bands[band].wavelength_nm < *bands[static_cast<std::size_t>(found)].wavelength_nm;
            if (residual > nearest || (residual == nearest && !tie_lower)) continue;
            nearest = residual;
            found = static_cast<int>(band);
        }
        if (found < 0) refuse("the bands have no wavelengths; give bands or names");
        if (nearest > tolerance_nm_)
            refuse(fmt::format("the band nearest to {} nm is {:.2f} nm away, more than tolerance_nm {}",
                               wavelength, nearest, tolerance_nm_));
        return found;
    }

    std::string place_;
    double tolerance_nm_;
    std::vector<int> numbers_;
    std::vector<std::string> names_;
    std::vector<double> wavelengths_;
};

}  // namespace

StepEntry select() {
    return {.name = "select",
            .summary = "Chooses bands by number, name or wavelength, in the order given.",
            .make = [](const StepDefinition& definition) { return std::make_unique<Select>(definition); },
            .keys = kSelectKeys,
            .example = R"({"bands": "2-4, 1"})"};
}

}  // namespace spectile::prepare
