#include "kernels/group_norm.hpp"

#include <cmath>

namespace spectile::kernels {

GroupMoments::GroupMoments(std::size_t pieces, std::size_t width)
    : width_(width),
      means_(pieces * width),
      squares_(pieces * width),
      scale_(width),
      shift_(width),
      counts_(pieces) {}

void GroupMoments::describe_panel(std::size_t piece, std::size_t panel, const Pixels& x) {
    const std::size_t at = piece * width_ + panel * kChannelPanel;
    if (panel == 0) counts_[piece] = static_cast<double>(x.rows * x.cols);
    find_moments(x, kChannelPanel, means_.data() + at, squares_.data() + at);
}

void GroupMoments::describe(std::size_t piece, const Pixels& x) {
    counts_[piece] = static_cast<double>(x.rows * x.cols);
    find_moments(x, width_, means_.data() + piece * width_, squares_.data() + piece * width_);
}

void GroupMoments::normalise(const GroupNorm& norm) {
    const std::size_t channels = norm.weight.size() / norm.groups;
    for (std::size_t group = 0; group < norm.groups; ++group) {
        const std::size_t first = group * channels, end = first + channels;
        double count = 0, mean = 0, squares = 0;
        const auto each = [&](auto add) {
            for (std::size_t piece = 0; piece < counts_.size(); ++piece)
                for (std::size_t c = first; c < end; ++c) add(counts_[piece], piece * width_ + c);
        };
        each([&](double pixels, std::size_t at) {
            count += pixels;
            mean += pixels * static_cast<double>(means_[at]);
        });
        mean /= count;
        each([&](double pixels, std::size_t at) {
            const double off = static_cast<double>(means_[at]) - mean;
            squares += static_cast<double>(squares_[at]) + pixels * off * off;
        });
        const double factor = 1 / std::sqrt(squares / count + static_cast<double>(norm.epsilon));
        for (std::size_t c = first; c < end; ++c) {
            const double scale = factor * static_cast<double>(norm.weight[c]);
            scale_[c] = static_cast<float>(scale);
            shift_[c] = static_cast<float>(static_cast<double>(norm.bias[c]) - mean * scale);
        }
    }
}

}  // namespace spectile::kernels
