#pragma once

#include "evaluate/accuracy.hpp"
#include "evaluate/multi_label.hpp"
#include "models/networks/spectral_gpt/network.hpp"
#include "training/patch_source.hpp"

namespace spectile::training {

/// How patches are judged.
struct PatchJudging {
    double centre_share = 1;  ///< As centre_view.
    ParallelFor parallel;
};

/// A network's probabilities of the patches of one role.
struct PatchScores {
    std::vector<std::size_t> patches;
    std::vector<float> scores;  ///< [patches, classes]
};

/// Softmax of the logits, or of a multi-label list their sigmoid. The network is in its evaluation mode.
PatchScores score_patches(networks::SpectralGpt& network, PatchSource& source, Role role,
                          const PatchJudging& how);

/// The class with the highest probability (the first of equals) against the label.
evaluate::Confusion confusion_of(const PatchScores& scores, const PatchList& list);

/// Of a multi-label list. `batch`: see evaluate::measure_labels.
evaluate::MultiLabelAccuracy labels_of(const PatchScores& scores, const PatchList& list, int batch);

}  // namespace spectile::training
