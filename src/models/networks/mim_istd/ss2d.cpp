#include "models/networks/mim_istd/ss2d.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/silu.h>

#include "models/entries/mim_istd_config.hpp"
#include "models/networks/layers/four_way_scan.hpp"
#include "models/networks/layers/mixed.hpp"
#include "models/networks/layers/selective_scan.hpp"
#include "models/networks/mim_istd/by_kernel.hpp"
#include "models/networks/mim_istd/layers.hpp"

namespace spectile::networks::mim {
namespace {

/// Sequences are numbered as the weights' groups: row by row, column by column, and the reverse of each.
constexpr std::int64_t kDirections = 4;
constexpr std::int64_t kSumOrder[kDirections] = {0, 2, 1, 3};

bool by_columns(std::int64_t direction) { return direction % 2 == 1; }
bool backwards(std::int64_t direction) { return direction >= 2; }

/// Tokens [batch, channels, rows * cols] in the order of a direction.
at::Tensor sequence(const at::Tensor& x, TokenGrid grid, std::int64_t direction) {
    auto out = x;
    if (by_columns(direction)) out = out.unflatten(2, {grid.rows, grid.cols}).transpose(2, 3).flatten(2);
    return backwards(direction) ? out.flip({2}) : out;
}

/// The inverse of `sequence`.
at::Tensor positions(const at::Tensor& y, TokenGrid grid, std::int64_t direction) {
    auto out = backwards(direction) ? y.flip({2}) : y;
    if (by_columns(direction)) out = out.unflatten(2, {grid.cols, grid.rows}).transpose(2, 3).flatten(2);
    return out;
}

/// One direction of the scan: u is [batch, channels, tokens] in the order of the direction.
at::Tensor scan_sequence(const Pass& pass, const at::Tensor& u, std::int64_t direction) {
    const std::int64_t channels = u.size(1), states = entries::MimIstdConfig::kStates;
    const auto& projection = pass["x_proj_weight"];
    const auto projected = mixed::matmul(projection[direction], u, projection.scalar_type());
    const std::int64_t rank = projected.size(1) - 2 * states;
    const auto of_direction = [&](const char* name) {
        return pass[name].narrow(0, direction * channels, channels);
    };
    const ScanInput input = {
        .u = u,
        .delta = at::matmul(pass["dt_projs_weight"][direction], projected.narrow(1, 0, rank)),
        .A = -at::exp(of_direction("A_logs")),
        .B = projected.narrow(1, rank, states),
        .C = projected.narrow(1, rank + states, states),
        .D = of_direction("Ds"),
        .z = {},
        .delta_bias = pass["dt_projs_bias"][direction],
        .delta_softplus = true};
    return (pass.reference_scan ? selective_scan_reference(input) : selective_scan(input)).y;
}

/// x: [batch, channels, rows, cols] after convolution and SiLU; gives [batch, rows * cols, channels].
at::Tensor scan_four_ways(const Pass& pass, const at::Tensor& x, TokenGrid grid) {
    const auto tokens = x.flatten(2);
    at::Tensor sum;
    for (std::int64_t term = 0; term < kDirections; ++term) {
        const auto direction = kSumOrder[term];
        const auto y =
            positions(scan_sequence(pass, sequence(tokens, grid, direction), direction), grid, direction);
        pass.show("dir_sum_term" + std::to_string(term), y);
        sum = sum.defined() ? sum + y : y;
    }
    return sum.transpose(1, 2);
}

/// The same by the project's kernel: one projection for all four directions, since these change the order of
/// the tokens alone. u: [batch, tokens, channels].
at::Tensor scan_by_kernel(const Pass& pass, const at::Tensor& u, TokenGrid grid) {
    const auto& weight = pass["x_proj_weight"];
    return four_way_scan(
        {.u = u,
         .projected = mixed::linear(u, weight.flatten(0, 1)).unflatten(2, {4, weight.size(1)}),
         .dt_weight = pass["dt_projs_weight"],
         .dt_bias = pass["dt_projs_bias"],
         .A = -at::exp(pass["A_logs"]),
         .D = pass["Ds"],
         .rows = grid.rows,
         .cols = grid.cols});
}

/// Convolution, SiLU and scan of x, [batch, tokens, channels].
at::Tensor convolve_and_scan(const Pass& pass, const at::Tensor& x, TokenGrid grid) {
    const std::int64_t batch = x.size(0), inner = x.size(2);
    if (!pass.reference_scan && !pass.plain && x.scalar_type() == at::kFloat && x.device().is_cpu()) {
        const auto image = x.reshape({batch, grid.rows, grid.cols, inner});
        const auto convolved =
            at::silu(depthwise_channels_last(image, pass["conv2d.weight"], pass["conv2d.bias"]));
        return scan_by_kernel(pass, convolved.flatten(1, 2), grid);
    }
    const auto image = x.transpose(1, 2).reshape({batch, inner, grid.rows, grid.cols});
    const auto convolved = at::silu(depthwise(pass.in("conv2d"), image));
    pass.show("scan_input", convolved);
    if (!pass.reference_scan && has_four_way_scan(x))
        return scan_by_kernel(pass, convolved.flatten(2).transpose(1, 2), grid);
    return scan_four_ways(pass, convolved, grid);
}

/// Convolution to the gated norm where nothing is to be differentiated: each step a pass over memory, the
/// parts of `both` ([batch, tokens, 2 inner]) read where they lie.
at::Tensor mix_by_kernel(const Pass& pass, const at::Tensor& both, TokenGrid grid) {
    const auto convolved = depthwise_silu(both, pass["conv2d.weight"], pass["conv2d.bias"], grid.rows);
    const auto mixed = scan_by_kernel(pass, convolved, grid);
    return gate_and_norm(mixed, both, pass["out_norm.weight"], pass["out_norm.bias"]);
}

at::Tensor mix(const Pass& pass, const at::Tensor& both, TokenGrid grid) {
    const std::int64_t inner = both.size(2) / 2;
    const auto scanned = convolve_and_scan(pass, both.narrow(2, 0, inner), grid);
    const auto normed = layer_norm(pass.in("out_norm"), scanned);
    return normed * at::silu(both.narrow(2, inner, inner));
}

}  // namespace

at::Tensor ss2d(const Pass& pass, const at::Tensor& x, TokenGrid grid) {
    const auto tokens = pass.official ? x.transpose(1, 2).contiguous().view(x.sizes()) : x;
    const auto both = mixed::linear(tokens, pass["in_proj.weight"]);
    const auto scanned = infers_by_kernel(pass, x) ? mix_by_kernel(pass, both, grid) : mix(pass, both, grid);
    return mixed::linear(scanned, pass["out_proj.weight"]).view({x.size(0), -1, x.size(2)});
}

}  // namespace spectile::networks::mim
