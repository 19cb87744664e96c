#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "prepare/chain.hpp"

// What a chain says of itself: lines for the plan, and the recipe.
namespace spectile::prepare {
namespace {

std::string nm(const std::optional<double>& wavelength) {
    return wavelength ? fmt::format("{} nm", *wavelength) : std::string("no wavelength");
}

std::string source_of(const BandMatchRow& row, const std::string& how) {
    if (row.source < 0)
        return fmt::format("{} resampling, nearest {} ({:.2f} nm off)", how, nm(row.source_nm),
                           row.residual_nm);
    if (row.model_nm && row.source_nm)
        return fmt::format("band {}, {} ({:.2f} nm off)", row.source, nm(row.source_nm), row.residual_nm);
    return fmt::format("band {}, {} (by {})", row.source, nm(row.source_nm), how);
}

nlohmann::json match_json(const BandMatch& match) {
    nlohmann::json rows = nlohmann::json::array();
    for (const auto& row : match.rows) rows.push_back(row.source);
    nlohmann::json mixes = nlohmann::json::array();
    for (const auto& mix : match.mixes) mixes.push_back({{"sources", mix.sources}, {"weights", mix.weights}});
    return {{"how", match.how}, {"bands", rows}, {"mixes", mixes}};
}

}  // namespace

std::string Chain::read_line() const {
    std::string how;
    if (match_) how = fmt::format(", matched by {}", match_->how);
    return fmt::format("read: {} of {} bands{}", source_bands_.size(), scene_bands_, how);
}

std::vector<std::string> Chain::describe() const {
    std::vector<std::string> lines = {read_line()};
    lines.insert(lines.end(), folded_.begin(), folded_.end());
    for (const auto& link : links_) lines.push_back(link.step->describe());
    return lines;
}

std::vector<std::string> Chain::band_table() const {
    const auto standard = card_standard();
    std::vector<std::string> lines;
    for (std::size_t band = 0; band < bands_.size(); ++band) {
        std::string line;
        if (match_ && band < match_->rows.size() && bands_.size() == match_->rows.size()) {
            const auto& row = match_->rows[band];
            const std::string name =
                row.model_band.empty() ? fmt::format("band {}", band + 1) : row.model_band;
            line = fmt::format("{}, {} <- {}", name, nm(row.model_nm), source_of(row, match_->how));
        } else {
            const auto& info = bands_[band];
            const std::string place =
                info.number > 0 ? fmt::format("band {}", info.number) : std::string("computed");
            line =
                fmt::format("{} <- {}, {}", info.name.empty() ? fmt::format("band {}", band + 1) : info.name,
                            place, nm(info.wavelength_nm));
        }
        const bool scaled =
            !links_.empty() && links_.front().name == "physical" && bands_read_.size() == bands_.size();
        if (scaled)
            line += fmt::format("; scale {}, offset {}", bands_read_[band].scale, bands_read_[band].offset);
        if (standard && band < standard->mean.size())
            line +=
                fmt::format("; mean {}, std {}", standard->mean[band], standard->standard_deviation[band]);
        lines.push_back(std::move(line));
    }
    return lines;
}

std::string Chain::recipe_text() const {
    nlohmann::json read = nlohmann::json::array();
    for (std::size_t band = 0; band < source_bands_.size(); ++band)
        read.push_back({source_bands_[band] + 1, bands_read_[band].scale, bands_read_[band].offset});
    nlohmann::json steps = nlohmann::json::array();
    for (const auto& link : links_)
        steps.push_back({{"name", link.name},
                         {"parameters", nlohmann::json::parse(link.parameters)},
                         {"numbers", link.step->describe()}});
    nlohmann::json recipe = {{"read", read}, {"steps", steps}};
    if (match_) recipe["match"] = match_json(*match_);
    return recipe.dump();
}

}  // namespace spectile::prepare
