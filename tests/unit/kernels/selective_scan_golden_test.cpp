#include <gtest/gtest.h>

#include "each_target.hpp"
#include "kernels/selective_scan.hpp"
#include "support/golden_file.hpp"

namespace spectile::kernels {
namespace {

using spectile::test::GoldenFile;

// golden/spectralmamba/README.md, float32 arithmetic.
constexpr double kOutputTolerance = 1e-5;
constexpr double kGradientTolerance = 1e-4;

SelectiveScan scan_of(const GoldenFile& file) {
    const auto& shape = file.at("input.u").shape;
    SelectiveScan scan;
    scan.batch = shape[0];
    scan.channels = shape[1];
    scan.length = shape[2];
    scan.states = file.at("input.A").dim(1);
    scan.u = file.at("input.u").data();
    scan.delta = file.at("input.delta").data();
    scan.A = file.at("input.A").data();
    scan.B = file.at("input.B").data();
    scan.C = file.at("input.C").data();
    scan.D = file.data_or_null("input.D");
    scan.z = file.data_or_null("input.z");
    scan.delta_bias = file.data_or_null("input.delta_bias");
    scan.delta_softplus = file.meta("delta_softplus") == "true";
    return scan;
}

/// Rows of one per sample, added in batch order.
std::vector<float> summed_over_batch(const std::vector<float>& rows, std::int64_t batch) {
    const std::size_t size = rows.size() / static_cast<std::size_t>(batch);
    std::vector<float> sum(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(size));
    for (std::size_t i = size; i < rows.size(); ++i) sum[i % size] += rows[i];
    return sum;
}

void check_forward(const GoldenFile& file) {
    const SelectiveScan scan = scan_of(file);
    std::vector<float> y(file.at("output.y").size());
    std::vector<float> last(file.at("output.last_state").size());
    selective_scan_forward(scan, y.data(), last.data(), 0, scan.batch);
    EXPECT_LE(spectile::test::golden_error(y, file.at("output.y")), kOutputTolerance);
    EXPECT_LE(spectile::test::golden_error(last, file.at("output.last_state")), kOutputTolerance);
}

void check_backward(const GoldenFile& file) {
    const SelectiveScan scan = scan_of(file);
    const std::size_t tokens = file.at("input.u").size();
    const std::size_t channels = static_cast<std::size_t>(scan.batch * scan.channels);
    std::vector<float> u(tokens), delta(tokens), z(tokens), B(file.at("input.B").size()), C(B.size()),
        A(channels * static_cast<std::size_t>(scan.states)), D(channels), bias(channels);
    selective_scan_backward(
        scan, file.at("grad_output.y").data(),
        {u.data(), delta.data(), A.data(), B.data(), C.data(), D.data(), z.data(), bias.data()}, 0,
        scan.batch);
    const auto check = [&](const char* key, const std::vector<float>& ours) {
        if (!file.has(key)) return;
        EXPECT_LE(spectile::test::golden_error(ours, file.at(key)), kGradientTolerance) << key;
    };
    check("grad.u", u);
    check("grad.delta", delta);
    check("grad.z", z);
    check("grad.B", B);
    check("grad.C", C);
    check("grad.A", summed_over_batch(A, scan.batch));
    check("grad.D", summed_over_batch(D, scan.batch));
    check("grad.delta_bias", summed_over_batch(bias, scan.batch));
}

TEST(SelectiveScanGolden, EveryFileIsReproducedAtEveryTarget) {
    if (spectile::test::golden_absent())
        GTEST_SKIP() << "no golden files at " << spectile::test::golden_root();
    const auto files = spectile::test::golden_files("spectralmamba", "selective_scan");
    ASSERT_FALSE(files.empty()) << "no selective_scan file in " << spectile::test::golden_root();
    test::for_each_target([&] {
        for (const GoldenFile& file : files) {
            SCOPED_TRACE(file.stem());
            check_forward(file);
            check_backward(file);
        }
    });
}

}  // namespace
}  // namespace spectile::kernels
