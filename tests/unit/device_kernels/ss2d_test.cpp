#include <gtest/gtest.h>

#include <cmath>

#include "kernels/device/ss2d_merge.cuh"
#include "support/golden_file.hpp"
#include "unit/device_kernels/scan_case.hpp"

namespace spectile::kernels::device {
namespace {

using spectile::test::golden_error;
using spectile::test::GoldenFile;

// golden/mim_istd/README.md, float32 arithmetic.
constexpr double kTolerance = 1e-5;

/// One SS2D golden file laid out for the grid: what comes before the scans is computed here in double.
struct Ss2dCase {
    const GoldenFile& file;
    std::int64_t images, channels, length;
    std::int32_t rows, cols, rank;
    std::vector<float> x, projected;

    explicit Ss2dCase(const GoldenFile& golden) : file(golden) {
        const auto& scan_input = file.at("act.scan_input");
        images = scan_input.dim(0), channels = scan_input.dim(1), rows = scan_input.dim(2),
        cols = scan_input.dim(3);
        length = rows * cols;
        rank = static_cast<int>(file.at("state.dt_projs_weight").dim(2));
        x.resize(scan_input.size());
        for (std::int64_t i = 0; i < images * length * channels; ++i)
            x[static_cast<std::size_t>(i)] = scan_input.values[static_cast<std::size_t>(
                (i / (length * channels) * channels + i % channels) * length + i / channels % length)];
        project();
    }
    void project() {
        const auto& weight = file.at("state.x_proj_weight");
        const std::int64_t width = rank + 2 * kStates;
        for (std::int64_t token = 0; token < images * length; ++token)
            for (std::int64_t row = 0; row < 4 * width; ++row) {
                double sum = 0;
                for (std::int64_t c = 0; c < channels; ++c)
                    sum += static_cast<double>(weight.values[static_cast<std::size_t>(row * channels + c)]) *
                           x[static_cast<std::size_t>(token * channels + c)];
                projected.push_back(static_cast<float>(sum));
            }
    }
    template <class Shape>
    std::vector<float> scans(const std::vector<float>& A, Order order) const {
        const FourDirections source{{images * 4, channels, length, kStates},
                                    rows,
                                    cols,
                                    rank,
                                    x.data(),
                                    projected.data(),
                                    file.at("state.dt_projs_weight").data(),
                                    file.at("state.dt_projs_bias").data(),
                                    A.data(),
                                    file.at("state.Ds").data()};
        std::vector<float> out(static_cast<std::size_t>(images * 4 * length * channels));
        const ScanForward<FourDirections, Shape> kernel{
            source, {out.data(), length * channels, channels, 1}, nullptr, nullptr, 8};
        run_on_host(kernel, kernel.blocks(), order);
        return out;
    }
    /// [images, channels, length] of one direction, as the golden file has it.
    std::vector<float> direction(const std::vector<float>& scans, std::int64_t k) const {
        std::vector<float> out;
        for (std::int64_t image = 0; image < images; ++image)
            for (std::int64_t c = 0; c < channels; ++c)
                for (std::int64_t t = 0; t < length; ++t)
                    out.push_back(
                        scans[static_cast<std::size_t>(((image * 4 + k) * length + t) * channels + c)]);
        return out;
    }
};

std::vector<float> rates_of(const GoldenFile& file) {
    auto A = file.at("state.A_logs").values;
    for (float& a : A) a = -std::exp(a);
    return A;
}

std::vector<GoldenFile> ss2d_files() {
    std::vector<GoldenFile> files;
    for (auto& file : spectile::test::golden_files("mim_istd"))
        if (file.has("act.scan_input")) files.push_back(std::move(file));
    return files;
}

template <class Shape>
void check_directions(const GoldenFile& file) {
    const Ss2dCase grid(file);
    const auto A = rates_of(file);
    const auto scans =
        test::same_in_any_order<float>([&](Order order) { return grid.scans<Shape>(A, order); });
    // The file's order: row-major forward and backward, column-major forward and backward.
    const int order[] = {0, 2, 1, 3};
    for (int term = 0; term < 4; ++term)
        EXPECT_LE(golden_error(grid.direction(scans, order[term]),
                               file.at("act.dir_sum_term" + std::to_string(term))),
                  kTolerance)
            << "term " << term;
}

TEST(DeviceSs2d, FourDirectionsByIndexAreTheGoldenOnes) {
    if (spectile::test::golden_absent())
        GTEST_SKIP() << "no golden files at " << spectile::test::golden_root();
    const auto files = ss2d_files();
    ASSERT_FALSE(files.empty());
    for (const GoldenFile& file : files) {
        SCOPED_TRACE(file.stem());
        check_directions<ShortScan>(file);
        check_directions<LongScan>(file);
        check_directions<WideScan>(file);
        check_directions<WidestScan>(file);
    }
}

double gated(double value, double z) { return value * z / (1 + std::exp(-z)); }

TEST(DeviceSs2d, MergeIsTheSumNormedAndGated) {
    std::mt19937 generator(5);
    std::normal_distribution<float> normal;
    for (const std::int64_t channels : {8, 33, 64, 512}) {
        const std::int64_t images = 2, length = 7, pitch = 2 * channels;
        const auto random = [&](std::int64_t count) {
            std::vector<float> values(static_cast<std::size_t>(count));
            for (float& value : values) value = normal(generator);
            return values;
        };
        const auto scans = random(images * 4 * length * channels), z = random(images * length * pitch);
        const auto weight = random(channels), bias = random(channels);
        const auto ours = test::same_in_any_order<float>([&](Order order) {
            std::vector<float> out(static_cast<std::size_t>(images * length * channels));
            const Ss2dMerge kernel{
                scans.data(), z.data() + channels, pitch, weight.data(), bias.data(), images, length,
                channels,     out.data()};
            run_on_host(kernel, kernel.blocks(), order);
            return out;
        });
        for (std::int64_t row = 0; row < images * length; ++row) {
            std::vector<double> sum(static_cast<std::size_t>(channels));
            double mean = 0, variance = 0;
            for (std::int64_t c = 0; c < channels; ++c) {
                for (std::int64_t k = 0; k < 4; ++k)
                    sum[static_cast<std::size_t>(c)] += scans[static_cast<std::size_t>(
                        ((row / length * 4 + k) * length + row % length) * channels + c)];
                mean += sum[static_cast<std::size_t>(c)] / static_cast<double>(channels);
            }
            for (const double value : sum)
                variance += (value - mean) * (value - mean) / static_cast<double>(channels);
            for (std::int64_t c = 0; c < channels; ++c) {
                const auto at = static_cast<std::size_t>(c);
                const double normed = (sum[at] - mean) / std::sqrt(variance + 1e-5) * weight[at] + bias[at];
                const double expected =
                    gated(normed, z[static_cast<std::size_t>(row * pitch + channels + c)]);
                ASSERT_NEAR(ours[static_cast<std::size_t>(row * channels + c)], expected,
                            1e-5 * (1 + std::abs(expected)));
            }
        }
    }
}

}  // namespace
}  // namespace spectile::kernels::device
