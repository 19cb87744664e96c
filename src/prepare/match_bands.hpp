#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "prepare/band_mix.hpp"
#include "spectile/model.hpp"
#include "spectile/scene.hpp"

namespace spectile::prepare {

/// One band that the model expects and what it is made from.
struct BandMatchRow {
    std::string model_band;
    std::optional<double> model_nm;
    int source = -1;  ///< Index (from 0) into the bands given; -1 where the band is a mix of several.
    std::optional<double> source_nm;
    double residual_nm = 0;  ///< |source - model|; of mixes: distance to the nearest source.
};

/// The model's expected bands found among a scene's bands.
struct BandMatch {
    std::string how;                 ///< "wavelength", "name", "position", "linear", "gaussian"
    std::vector<BandMatchRow> rows;  ///< In the model's order.
    std::vector<BandMix> mixes;      ///< Over the bands given; empty unless resampled.
    std::vector<std::string> warnings;

    bool resampled() const { return !mixes.empty(); }
    /// Indices of the bands given, one per model band; empty where resampled.
    std::vector<int> sources() const;
};

/// Finds the card's bands among `bands`. The file's order of bands never matters, unless matching is by
/// position.
///
/// By wavelength  each model band gets a usable band of its own within the tolerance (the card's, else half
///                the distance to the model's nearest other band, at least 1 nm). Of all such pairings in
///                rising order of wavelength the one with most exact pairs and the smallest sum of squared
///                residuals is taken; between equal ones the nearer FWHM decides. Overlapping detectors so
///                keep their order. Where bands do not suffice, one may serve two model bands, with a
///                warning.
/// By name        as written, then without regard to case.
/// By position    the n-th band for the n-th, counts being equal (bad bands left out if only then they are).
/// A scene without wavelengths is matched by name if every name is found, else by position if the card has no
/// wavelengths and the counts are equal. The same where the card has none.
/// Throws Error{Code::scene}, one line: scene, model band and wavelength, nearest band and residual,
/// tolerance, remedy.
BandMatch match_bands(const std::string& scene, std::span<const BandInfo> bands, const ModelCard& card);

/// The same for two dates, whose bands follow each other in `bands` as in the card: each half of the card's
/// bands is found among the same half of the scene's.
BandMatch match_two_dates(const std::string& scene, std::span<const BandInfo> bands, const ModelCard& card);

/// Whether `match_bands` goes by the order of `bands`.
bool matches_by_position(const std::string& scene, std::span<const BandInfo> bands, const ModelCard& card);

}  // namespace spectile::prepare
