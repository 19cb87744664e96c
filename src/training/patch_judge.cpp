#include "training/patch_judge.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/softmax.h>

#include <algorithm>

#include "training/for_each.hpp"
#include "training/optimiser.hpp"
#include "training/patch_view.hpp"
#include "training/training_device.hpp"

namespace spectile::training {
namespace {

constexpr std::size_t kAtOnce = 64;  // Patches that are held while they are judged.

}  // namespace

PatchScores score_patches(networks::SpectralGpt& network, PatchSource& source, Role role,
                          const PatchJudging& how) {
    const auto& list = source.list();
    const auto classes = list.classes().size();
    const auto device = device_of(network.tensors());
    PatchScores out{.patches = list.with_role(role), .scores = {}};
    out.scores.resize(out.patches.size() * classes);
    for (std::size_t first = 0; first < out.patches.size(); first += kAtOnce) {
        const auto count = std::min(kAtOnce, out.patches.size() - first);
        std::vector<std::shared_ptr<const Cube>> cubes(count);
        for_each(how.parallel, static_cast<std::int64_t>(count), [&](std::int64_t i) {
            const at::NoGradGuard no_gradients;
            const auto k = static_cast<std::size_t>(i);
            cubes[k] = source.read(out.patches[first + k]);
            const auto view = centre_view(*cubes[k], network.window(), how.centre_share);
            const auto logits = network.forward(view.unsqueeze(0).to(device));
            const auto scores =
                (list.multi_label() ? at::sigmoid(logits) : at::softmax(logits, 1)).to(at::kCPU).contiguous();
            std::copy_n(values_of(scores).begin(), classes,
                        out.scores.begin() + static_cast<std::ptrdiff_t>((first + k) * classes));
        });
        for (std::size_t k = 0; k < count; ++k) source.hold(out.patches[first + k], std::move(cubes[k]));
    }
    return out;
}

evaluate::Confusion confusion_of(const PatchScores& scores, const PatchList& list) {
    const auto& classes = list.classes();
    evaluate::Confusion confusion(classes);
    for (std::size_t i = 0; i < scores.patches.size(); ++i) {
        const auto row = scores.scores.begin() + static_cast<std::ptrdiff_t>(i * classes.size());
        const auto best = std::max_element(row, row + static_cast<std::ptrdiff_t>(classes.size())) - row;
        const auto truth = static_cast<std::size_t>(list[scores.patches[i]].classes.front());
        confusion.add(classes[truth].value, classes[static_cast<std::size_t>(best)].value);
    }
    return confusion;
}

evaluate::MultiLabelAccuracy labels_of(const PatchScores& scores, const PatchList& list, int batch) {
    const auto classes = list.classes().size();
    std::vector<std::uint8_t> truth(scores.scores.size(), 0);
    for (std::size_t i = 0; i < scores.patches.size(); ++i)
        for (const int c : list[scores.patches[i]].classes)
            truth[i * classes + static_cast<std::size_t>(c)] = 1;
    return evaluate::measure_labels(scores.scores, truth, list.classes(), batch);
}

}  // namespace spectile::training
