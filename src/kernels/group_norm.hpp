#pragma once

#include <vector>

#include "kernels/pixel_layers.hpp"

namespace spectile::kernels {

/// Weight and bias of each channel; neighbouring channels share mean and variance.
struct GroupNorm {
    std::vector<float> weight, bias;
    std::size_t groups = 1;
    float epsilon = 1e-5F;
};

/// What group normalisation does to each channel of a map, found from the moments of pieces of it. Pieces are
/// described in any order and on any threads; their sums are taken in the pieces' order, in double.
///
/// Source   Wu and He, "Group Normalization", 2018; Chan, Golub and LeVeque, "Updating formulae and a
///          pairwise algorithm for computing sample variances", 1979, for the sums.
class GroupMoments {
public:
    /// `width`: of the map's pixels, a multiple of kChannelPanel.
    GroupMoments(std::size_t pieces, std::size_t width);

    /// A piece's pixels, the channels of one panel; or of all.
    void describe_panel(std::size_t piece, std::size_t panel, const Pixels& x);
    void describe(std::size_t piece, const Pixels& x);
    /// Once every piece is described. Channels behind the norm's are scaled to 0.
    void normalise(const GroupNorm& norm);
    ChannelScale scale() const { return {scale_.data(), shift_.data(), width_}; }

private:
    std::size_t width_;
    std::vector<float> means_, squares_, scale_, shift_;
    std::vector<double> counts_;
};

}  // namespace spectile::kernels
