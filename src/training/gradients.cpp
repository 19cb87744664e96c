#include "training/gradients.hpp"

#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>

#include "training/for_each.hpp"
#include "training/optimiser.hpp"

namespace spectile::training {
namespace {

/// Samples whose gradients are held at once; they are added in their order, so the number changes no byte.
constexpr std::size_t kGradientsAtOnce = 4;

}  // namespace

BatchResult learn_in_order(std::size_t count, const ParallelFor& parallel,
                           const std::function<BatchResult(std::size_t)>& learn) {
    BatchResult total;
    const std::size_t at_once = parallel ? kGradientsAtOnce : 1;
    for (std::size_t start = 0; start < count; start += at_once) {
        std::vector<BatchResult> results(std::min(at_once, count - start));
        for_each(parallel, static_cast<std::int64_t>(results.size()), [&](std::int64_t i) {
            const auto at = static_cast<std::size_t>(i);
            results[at] = learn(start + at);
        });
        for (auto& result : results) {
            total.loss += result.loss;
            total.hits += result.hits;
            total.judged += result.judged;
            if (total.gradients.empty())
                total.gradients = std::move(result.gradients);
            else
                add_gradients(total.gradients, result.gradients);
        }
    }
    return total;
}

std::vector<at::Tensor> gradients_of(const at::Tensor& loss,
                                     const std::vector<networks::NamedTensor>& parameters) {
    std::vector<at::Tensor> inputs;
    for (const auto& parameter : parameters) inputs.push_back(parameter.tensor);
    auto gradients = torch::autograd::grad({loss}, inputs, {}, /*retain_graph=*/c10::nullopt,
                                           /*create_graph=*/false, /*allow_unused=*/true);
    for (std::size_t i = 0; i < inputs.size(); ++i)
        gradients[i] = gradients[i].defined() ? gradients[i].contiguous() : at::zeros_like(inputs[i]);
    return gradients;
}

void add_gradients(const std::vector<at::Tensor>& sum, const std::vector<at::Tensor>& more) {
    for (std::size_t i = 0; i < sum.size(); ++i) {
        if (!sum[i].device().is_cpu()) {
            sum[i].add_(more[i]);
            continue;
        }
        const auto to = values_of(sum[i]);
        const auto from = values_of(more[i]);
        for (std::size_t k = 0; k < to.size(); ++k) to[k] += from[k];
    }
}

}  // namespace spectile::training
