#include <gtest/gtest.h>

#include "support/golden_file.hpp"
#include "unit/device_kernels/scan_case.hpp"

namespace spectile::kernels::device {
namespace {

using spectile::test::golden_error;
using spectile::test::GoldenFile;
using test::GridScan;
using test::Layout;

// golden/spectralmamba/README.md, float32 arithmetic.
constexpr double kOutputTolerance = 1e-5;
constexpr double kGradientTolerance = 1e-4;

SelectiveScan scan_of(const GoldenFile& file) {
    const auto& shape = file.at("input.u").shape;
    SelectiveScan scan{shape[0],
                       shape[1],
                       shape[2],
                       file.at("input.A").dim(1),
                       file.at("input.u").data(),
                       file.at("input.delta").data(),
                       file.at("input.A").data(),
                       file.at("input.B").data(),
                       file.at("input.C").data()};
    scan.D = file.data_or_null("input.D");
    scan.z = file.data_or_null("input.z");
    scan.delta_bias = file.data_or_null("input.delta_bias");
    scan.delta_softplus = file.meta("delta_softplus") == "true";
    return scan;
}

std::vector<float> over_batch(const std::vector<float>& rows, std::int64_t batch) {
    std::vector<float> sum(rows.size() / static_cast<std::size_t>(batch));
    for (std::size_t i = 0; i < rows.size(); ++i) sum[i % sum.size()] += rows[i];
    return sum;
}

template <class Shape>
void check_forward(const GoldenFile& file, const GridScan& grid) {
    const auto out = test::forward<Shape>(grid, Order::shuffled);
    const auto& y = file.at("output.y");
    const std::span<const float> all(out);
    EXPECT_LE(golden_error(all.first(y.size()), y), kOutputTolerance);
    EXPECT_LE(golden_error(all.subspan(y.size()), file.at("output.last_state")), kOutputTolerance);
}

template <class Forward, class Backward>
void check_backward(const GoldenFile& file, const GridScan& grid) {
    const auto ours =
        test::backward<Forward, Backward>(grid, file.at("grad_output.y").data(), Order::shuffled);
    const auto check = [&](const char* key, const std::vector<float>& values) {
        if (!file.has(key)) return;
        EXPECT_LE(golden_error(values, file.at(key)), kGradientTolerance) << key;
    };
    const std::int64_t batch = grid.cpu.batch;
    check("grad.u", ours.u);
    check("grad.delta", ours.delta);
    check("grad.z", ours.z);
    check("grad.B", ours.B);
    check("grad.C", ours.C);
    check("grad.A", over_batch(ours.A, batch));
    check("grad.D", over_batch(ours.D, batch));
    check("grad.delta_bias", over_batch(ours.bias, batch));
}

TEST(DeviceScanGolden, EveryFileIsReproducedInEveryShapeAndLayout) {
    if (spectile::test::golden_absent())
        GTEST_SKIP() << "no golden files at " << spectile::test::golden_root();
    const auto files = spectile::test::golden_files("spectralmamba", "selective_scan");
    ASSERT_FALSE(files.empty()) << "no selective_scan file in " << spectile::test::golden_root();
    for (const GoldenFile& file : files)
        for (const Layout layout : {Layout::tokens_last, Layout::columns_last}) {
            SCOPED_TRACE(file.stem());
            const GridScan grid(scan_of(file), layout);
            check_forward<ShortScan>(file, grid);
            check_forward<LongScan>(file, grid);
            check_forward<WideScan>(file, grid);
            check_forward<WidestScan>(file, grid);
            check_backward<ShortScan, ShortScan>(file, grid);
            check_backward<LongScan, LongScanBackward>(file, grid);
        }
}

}  // namespace
}  // namespace spectile::kernels::device
