#include "training/pixel_selftest.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>

#include "training/optimiser.hpp"
#include "training/selftest_file.hpp"

namespace spectile::training {
namespace {

constexpr std::size_t kMostWindows = 12;

/// A row of windows side by side, [bands, window, count * window], one sample of each class.
struct SelfTest {
    std::vector<float> input;
    std::int64_t bands = 0, rows = 0, cols = 0;
};

SelfTest input_of(const Dataset& data) {
    std::vector<const Sample*> chosen;
    for (std::size_t target = 0; target < std::min(data.classes.size(), kMostWindows); ++target)
        for (const auto& sample : data.samples)
            if (sample.target == static_cast<int>(target)) {
                chosen.push_back(&sample);
                break;
            }
    const std::int64_t window = data.window;
    SelfTest test{.input = {},
                  .bands = data.bands,
                  .rows = window,
                  .cols = window * static_cast<std::int64_t>(chosen.size())};
    test.input.resize(static_cast<std::size_t>(test.bands * test.rows * test.cols));
    std::vector<float> patch(data.patch_size());
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        data.cut(*chosen[i], patch);
        for (std::int64_t line = 0; line < test.bands * test.rows; ++line)
            std::copy_n(patch.begin() + line * window, window,
                        test.input.begin() + line * test.cols + static_cast<std::int64_t>(i) * window);
    }
    return test;
}

/// Class probabilities of every window of the row: [classes, 1, cols - window + 1].
std::vector<float> output_of(networks::Network& network, const SelfTest& test, std::size_t classes) {
    const at::AutoGradMode no_gradients(false);
    const std::int64_t positions = test.cols - test.rows + 1;
    at::Tensor windows = at::empty({positions, test.bands, test.rows, test.rows}, at::kFloat);
    float* to = values_of(windows).data();
    for (std::int64_t position = 0; position < positions; ++position)
        for (std::int64_t line = 0; line < test.bands * test.rows; ++line, to += test.rows)
            std::copy_n(test.input.begin() + line * test.cols + position, test.rows, to);
    const at::Tensor logits = network.forward(windows).contiguous();
    const auto values = values_of(logits);
    std::vector<float> output(values.size());
    for (std::int64_t position = 0; position < positions; ++position) {
        const auto row = values.subspan(static_cast<std::size_t>(position) * classes, classes);
        const double highest = *std::max_element(row.begin(), row.end());
        double sum = 0;
        for (const float logit : row) sum += std::exp(logit - highest);
        for (std::size_t c = 0; c < classes; ++c)
            output[c * static_cast<std::size_t>(positions) + static_cast<std::size_t>(position)] =
                static_cast<float>(std::exp(row[c] - highest) / sum);
    }
    return output;
}

}  // namespace

void write_pixel_selftest(const std::string& path, networks::Network& network, const Dataset& data) {
    const SelfTest test = input_of(data);
    const auto classes = static_cast<std::int64_t>(data.classes.size());
    const auto output = output_of(network, test, data.classes.size());
    write_selftest(path, {test.input, {test.bands, test.rows, test.cols}},
                   {output, {classes, 1, test.cols - test.rows + 1}}, kProbabilityTolerance);
}

}  // namespace spectile::training
