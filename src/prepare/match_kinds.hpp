#pragma once

#include <optional>

#include "prepare/match_bands.hpp"

// The ways of matching, each tried by match_bands.cpp.
namespace spectile::prepare {

struct MatchInput {
    const std::string& scene;
    std::span<const BandInfo> bands;
    const ModelCard& card;

    std::string model_name() const { return card.name.empty() ? card.architecture : card.name; }
};

/// Nearest bands, or weights where the card asks for resampling.
BandMatch match_wavelengths(const MatchInput& input);
/// Nothing where a name is not found; throws where a name is found twice.
std::optional<BandMatch> match_names(const MatchInput& input);
/// Nothing where the counts differ.
std::optional<BandMatch> match_positions(const MatchInput& input);

/// The largest residual accepted for model band `band`.
double tolerance_of(const ModelCard& card, std::size_t band);
/// "'red' (665 nm)" or "band 3 (665 nm)".
std::string label_of(const ModelCard& card, std::size_t band);
/// Every band a source of its own.
BandMatchRow row_of(const MatchInput& input, std::size_t model_band, int source);

}  // namespace spectile::prepare
