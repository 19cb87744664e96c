// Identity: predicts its input bands. The yardstick for tiling, reading, writing and memory; it has no
// weights.
#include "models/entries/parameters.hpp"
#include "spectile/error.hpp"
#include "spectile/model.hpp"

namespace spectile {
namespace {

constexpr int kTile = 512;
constexpr int kMaxHalo = 4096;

ModelTraits traits(const ModelCard& card) {
    const entries::Parameters none(card.parameters, card.file, {});
    const int halo = card.halo.value_or(0);
    if (halo < 0 || halo > kMaxHalo)
        throw Error(Code::model, card.file + ": halo: must be from 0 to " + std::to_string(kMaxHalo));
    ModelTraits out;
    out.task = Task::bands;
    out.channels = static_cast<int>(card.bands.size());
    out.tile = card.tile > 0 ? card.tile : kTile;
    out.halo = halo;
    out.whole_spectra = false;
    out.has_weights = false;
    return out;
}

}  // namespace

ModelEntry identity() {
    return {.name = "identity", .summary = "Gives its input bands back, bit for bit.", .traits = traits};
}

}  // namespace spectile
