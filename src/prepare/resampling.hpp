#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "prepare/band_mix.hpp"
#include "spectile/scene.hpp"

namespace spectile::prepare {

/// A band that is to be made by spectral resampling.
struct ResampleTarget {
    std::string name;
    double wavelength_nm = 0;
    std::optional<double> fwhm_nm;
};

/// The usable bands with a wavelength (bad ones left out), by wavelength, then narrower FWHM, then name, then
/// number: the order of the file decides only between bands that are alike in all of these.
std::vector<int> spectral_order(std::span<const BandInfo> bands);

/// Weights over `bands` for each target; they sum to one.
///
/// linear     between the two bands around the target.
/// gaussian   exp(-4 ln 2 (distance / fwhm)^2) times the spectral width that a band stands for, over bands
///            within two FWHM; linear where no band on one of the two sides is that near (targets narrower
///            than the bands' spacing).
/// `refuse` is called with one phrase (and must throw) for targets outside the covered range and without the
/// FWHM that gaussian needs.
std::vector<BandMix> resampling_weights(std::span<const BandInfo> bands,
                                        std::span<const ResampleTarget> targets, const std::string& method,
                                        const std::function<void(const std::string&)>& refuse);

}  // namespace spectile::prepare
