#pragma once

#include <vector>

#include "kernels/device/scan_backward.cuh"
#include "kernels/device/scan_forward.cuh"
#include "kernels/selective_scan.hpp"
#include "unit/device_kernels/any_order.hpp"

namespace spectile::kernels::device::test {

/// How the tensors of a scan lie: [batch, column, token] as the CPU kernel takes them, or [batch, token,
/// column].
enum class Layout { tokens_last, columns_last };

/// A [batch, columns, tokens] tensor in another layout, exactly as long as it must be.
struct Placed {
    std::vector<float> values;
    std::int64_t columns, tokens;
    Layout layout;

    Placed(const float* from, std::int64_t batch, std::int64_t column_count, std::int64_t token_count,
           Layout where)
        : values(static_cast<std::size_t>(batch * column_count * token_count)),
          columns(column_count),
          tokens(token_count),
          layout(where) {
        if (from == nullptr) return;
        for (std::size_t i = 0; i < values.size(); ++i)
            values[offset(static_cast<std::int64_t>(i))] = from[i];
    }
    /// Where value `i` of the [batch, columns, tokens] order lies.
    std::size_t offset(std::int64_t i) const {
        if (layout == Layout::tokens_last) return static_cast<std::size_t>(i);
        const std::int64_t plane = columns * tokens;
        return static_cast<std::size_t>(i / plane * plane + i % tokens * columns + i / tokens % columns);
    }
    template <class Float>
    Strided<Float> view(Float* data) const {
        return layout == Layout::tokens_last ? Strided<Float>{data, columns * tokens, 1, tokens}
                                             : Strided<Float>{data, columns * tokens, columns, 1};
    }
    Input input() const { return view(values.data()); }
    Output output() { return view(values.data()); }
    std::vector<float> in_order() const {
        std::vector<float> out(values.size());
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = values[offset(static_cast<std::int64_t>(i))];
        return out;
    }
};

/// A scan of the CPU kernel's description, laid out for the grid.
struct GridScan {
    SelectiveScan cpu;
    Placed u, delta, z, B, C;

    GridScan(const SelectiveScan& scan, Layout layout)
        : cpu(scan),
          u(scan.u, scan.batch, scan.channels, scan.length, layout),
          delta(scan.delta, scan.batch, scan.channels, scan.length, layout),
          z(scan.z, scan.batch, scan.channels, scan.length, layout),
          B(scan.B, scan.batch, scan.states, scan.length, layout),
          C(scan.C, scan.batch, scan.states, scan.length, layout) {}

    Placed like_u() const { return {nullptr, cpu.batch, cpu.channels, cpu.length, u.layout}; }
    Placed like_b() const { return {nullptr, cpu.batch, cpu.states, cpu.length, u.layout}; }
    PlainScan source() const {
        return {{cpu.batch, cpu.channels, cpu.length, cpu.states},
                u.input(),
                delta.input(),
                cpu.z != nullptr ? z.input() : Input{},
                B.input(),
                C.input(),
                cpu.A,
                cpu.D,
                cpu.delta_bias,
                cpu.delta_softplus};
    }
};

/// y in [batch, channels, length], then last_state.
template <class Shape>
std::vector<float> forward(const GridScan& scan, Order order, std::vector<float>* checkpoints = nullptr,
                           std::int64_t period = 8) {
    Placed y = scan.like_u();
    std::vector<float> last(static_cast<std::size_t>(scan.cpu.batch * scan.cpu.channels * scan.cpu.states));
    if (checkpoints != nullptr)
        checkpoints->assign(static_cast<std::size_t>(scan.cpu.batch * blocks_for(scan.cpu.length, period) *
                                                     kStates * scan.cpu.channels),
                            NAN);
    const ScanForward<PlainScan, Shape> kernel{scan.source(), y.output(), last.data(),
                                               checkpoints != nullptr ? checkpoints->data() : nullptr,
                                               period};
    run_on_host(kernel, kernel.blocks(), order);
    auto out = y.in_order();
    out.insert(out.end(), last.begin(), last.end());
    return out;
}

/// Gradients in the CPU kernel's layouts.
struct Gradients {
    std::vector<float> u, delta, A, B, C, D, z, bias;

    explicit Gradients(const SelectiveScan& s)
        : u(static_cast<std::size_t>(s.batch * s.channels * s.length)),
          delta(u),
          A(static_cast<std::size_t>(s.batch * s.channels * s.states)),
          B(static_cast<std::size_t>(s.batch * s.states * s.length)),
          C(B),
          D(static_cast<std::size_t>(s.batch * s.channels)),
          z(u),
          bias(D) {}
    std::vector<float> joined() const {
        std::vector<float> all;
        for (const auto* part : {&u, &delta, &A, &B, &C, &D, &z, &bias})
            all.insert(all.end(), part->begin(), part->end());
        return all;
    }
};

inline std::vector<float> summed(const std::vector<float>& parts, const GridScan& scan, std::int64_t groups,
                                 Order order) {
    Placed out = scan.like_b();
    const SumParts kernel{parts.data(),
                          {scan.cpu.batch, scan.cpu.channels, scan.cpu.length, scan.cpu.states},
                          groups,
                          out.output()};
    run_on_host(kernel, kernel.blocks(), order);
    return out.in_order();
}

/// Forward for the checkpoints, then backward, then the sums over groups: as a training step launches them.
template <class Forward, class Backward>
Gradients backward(const GridScan& scan, const float* grad_y, Order order) {
    std::vector<float> checkpoints;
    forward<Forward>(scan, order, &checkpoints, Backward::kTile);
    Gradients out(scan.cpu);
    const Placed grad(grad_y, scan.cpu.batch, scan.cpu.channels, scan.cpu.length, scan.u.layout);
    Placed u = scan.like_u(), delta = scan.like_u(), z = scan.like_u();
    ScanBackward<PlainScan, Backward> kernel{scan.source(), grad.input(), checkpoints.data(), {}};
    std::vector<float> b(out.B.size() * static_cast<std::size_t>(kernel.groups())), c(b);
    kernel.out = {u.output(),   delta.output(),  z.output(), out.A.data(),
                  out.D.data(), out.bias.data(), b.data(),   c.data()};
    run_on_host(kernel, kernel.blocks(), order);
    out.u = u.in_order();
    out.delta = delta.in_order();
    out.z = z.in_order();
    out.B = summed(b, scan, kernel.groups(), order);
    out.C = summed(c, scan, kernel.groups(), order);
    return out;
}

}  // namespace spectile::kernels::device::test
