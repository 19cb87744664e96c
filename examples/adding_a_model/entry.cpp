// linear_spectra: labels each pixel by a linear function of its spectrum.
// Source: multinomial logistic regression, e.g. Bishop, "Pattern Recognition and Machine Learning",
// eq. 4.104.
#include "models/entries/parameters.hpp"
#include "spectile/error.hpp"
#include "spectile/model.hpp"

namespace spectile {
namespace {

ModelTraits traits(const ModelCard& card) {
    const int bands = static_cast<int>(card.bands.size()), classes = static_cast<int>(card.classes.size());
    const entries::Parameters parameters(card.parameters, card.file, {"bands", "classes"});
    if (bands == 0) throw Error(Code::model, card.file + ": bands: the network needs a fixed list of bands");
    if (parameters.whole("bands", bands, 1, 100000) != bands)
        parameters.refuse("bands", "the card lists " + std::to_string(bands));
    if (parameters.whole("classes", classes, 2, 1000) != classes)
        parameters.refuse("classes", "the card lists " + std::to_string(classes));
    ModelTraits out;
    out.task = Task::classification;
    out.channels = classes;
    out.tile = card.tile > 0 ? card.tile : 256;
    out.whole_spectra = true;
    out.flops_per_pixel = 2.0 * bands * classes;
    out.fixed_bytes = static_cast<std::size_t>(bands + 1) * classes * sizeof(float);
    return out;
}

}  // namespace

ModelEntry linear_spectra() {
    return {.name = "linear_spectra",
            .summary = "Labels each pixel by a linear function of its spectrum.",
            .traits = traits};
}

}  // namespace spectile
