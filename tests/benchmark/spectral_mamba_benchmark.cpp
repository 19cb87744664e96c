// SpectralMamba with 200 bands and 16 classes on one thread: the dense runner against patch by patch through
// LibTorch's own operators, and a training step with the kernel's scan against the one composed of LibTorch's
// operators. The contenders take turns, so that other load on the machine meets all of them; medians are
// printed.
#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>

#include "kernels/target.hpp"
#include "models/networks/libtorch_state.hpp"
#include "models/networks/registry.hpp"
#include "models/networks/spectral_mamba/network.hpp"
#include "support/patchwise.hpp"

namespace spectile {
namespace {

constexpr int kRounds = 7, kSteps = 10;
constexpr std::int64_t kDenseRows = 48, kDenseCols = 256, kPatchRows = 8, kPatchCols = 64, kBatch = 64;
const std::string kParameters = R"({"bands": 200, "classes": 16})";

struct Contender {
    std::string name;
    double work;  ///< Pixels or steps of one call.
    std::function<void()> run;
    std::vector<double> seconds = {};

    double per_second() {
        std::nth_element(seconds.begin(), seconds.begin() + kRounds / 2, seconds.end());
        return work / seconds[kRounds / 2];
    }
};

void take_turns(std::vector<Contender>& contenders) {
    for (auto& contender : contenders) contender.run();  // Warm: allocations, lazy set-up.
    for (int round = 0; round < kRounds; ++round)
        for (auto& contender : contenders) {
            const auto begin = std::chrono::steady_clock::now();
            contender.run();
            contender.seconds.push_back(
                std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
        }
}

void serially(std::int64_t count, const std::function<void(std::int64_t)>& body) {
    for (std::int64_t i = 0; i < count; ++i) body(i);
}

/// Forward, loss and backward of one batch.
void training_step(networks::SpectralMamba& network, const at::Tensor& x, const at::Tensor& labels,
                   bool reference) {
    network.use_reference_scan(reference);
    for (auto& named : network.tensors()) named.tensor.mutable_grad() = at::Tensor();
    at::cross_entropy_loss(network.forward(x), labels).backward();
}

std::string compare(std::vector<Contender>& contenders, const char* unit) {
    take_turns(contenders);
    std::string text;
    for (auto& contender : contenders)
        text += fmt::format("{:<44}{:>12.1f} {}\n", contender.name, contender.per_second(), unit);
    for (std::size_t i = 1; i < contenders.size(); ++i)
        text += fmt::format("{} / {}: {:.2f}\n", contenders[0].name, contenders[i].name,
                            contenders[0].per_second() / contenders[i].per_second());
    return text;
}

void benchmark() {
    networks::quiet_libtorch();
    at::manual_seed(1);
    const auto config = entries::parse_spectral_mamba(kParameters, "benchmark");
    networks::SpectralMamba network(config, 1);
    ModelCard card;
    card.file = "benchmark";
    card.architecture = "spectral_mamba";
    card.parameters = kParameters;
    const auto model = networks::network_entry("spectral_mamba").load_random(card, 1, "cpu");
    const auto runner = model->start();

    Cube cube;
    cube.reset(grow({0, 0, kDenseCols, kDenseRows}, config.halo()), config.bands);
    const auto pixels = at::randn({config.bands, cube.rows(), cube.cols()});
    std::copy_n(pixels.data_ptr<float>(), cube.values.size(), cube.values.data());
    std::fill(cube.valid.begin(), cube.valid.end(), std::uint8_t{1});
    const auto patch_scene = pixels.narrow(1, 0, kPatchRows + 2).narrow(2, 0, kPatchCols + 2);
    Prediction prediction;
    const auto patchwise = [&](bool reference) {
        network.use_reference_scan(reference);
        test::patchwise_predict(network, patch_scene, kBatch);
    };
    std::vector<Contender> inference = {
        {"dense runner", kDenseRows * kDenseCols,
         [&] {
             runner->predict({&cube, 1}, {&prediction, 1}, serially);
         }},
        {"patch by patch, LibTorch's operators", kPatchRows * kPatchCols, [&] { patchwise(true); }},
        {"patch by patch, kernel's scan", kPatchRows * kPatchCols, [&] { patchwise(false); }}};

    const auto x = at::randn({kBatch, config.bands, config.window(), config.window()});
    const auto labels = at::randint(config.classes, {kBatch}, at::kLong);
    // Single steps are over too soon for the clock of a machine that is shared.
    const auto steps = [&](bool reference) {
        for (int step = 0; step < kSteps; ++step) training_step(network, x, labels, reference);
    };
    std::vector<Contender> training = {{"step with the kernel's scan", kSteps, [&] { steps(false); }},
                                       {"step with LibTorch's operators", kSteps, [&] { steps(true); }}};
    fmt::print("{}\n{}{}", networks::describe_libtorch(), compare(inference, "pixels/s"),
               compare(training, "steps/s"));
}

}  // namespace
}  // namespace spectile

int main(int argc, char** argv) {
    if (argc > 1) spectile::kernels::pin_target(argv[1]);  // sse4, avx2, avx512
    spectile::benchmark();
}
