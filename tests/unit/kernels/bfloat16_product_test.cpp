#include "kernels/bfloat16_product.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "unit/kernels/each_target.hpp"
#include "unit/kernels/random_values.hpp"

namespace spectile::kernels {
namespace {

/// Nearest value of bfloat16 in double arithmetic, ties to even.
float nearest(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const float below = std::bit_cast<float>(bits & 0xFFFF0000U);
    const float above = std::bit_cast<float>((bits & 0xFFFF0000U) + 0x10000U);
    const double down = std::abs(double{value} - below), up = std::abs(double{above} - value);
    const bool even = (bits & 0x10000U) == 0;
    return down < up || (down == up && even) ? below : above;
}

struct Product {
    std::size_t rows, in, out;
    std::vector<float> x, w, bias, y;
};

Product product(std::mt19937& generator, std::size_t rows, std::size_t in, std::size_t out) {
    Product p{rows,
              in,
              out,
              test::normal_values(generator, rows * (in + 3)),
              test::normal_values(generator, out * in),
              test::normal_values(generator, (out + 15) / 16 * 16),
              {}};
    p.y.resize(rows * p.bias.size());
    return p;
}

void multiply(Product& p) {
    const Bfloat16Matrix matrix(p.w.data(), p.out, p.in);
    std::vector<std::uint32_t> low(p.rows * matrix.pairs());
    multiply_bfloat16(matrix,
                      {p.rows, p.x.data(), p.in + 3, p.y.data(), p.bias.size(), p.bias.data(), low.data()});
}

/// The sums that the instruction makes: of each pair of inputs the second product first.
float expected(const Product& p, std::size_t row, std::size_t o) {
    float sum = p.bias[o];
    const auto term = [&](std::size_t k) {
        if (k < p.in) sum = std::fma(nearest(p.x[row * (p.in + 3) + k]), nearest(p.w[o * p.in + k]), sum);
    };
    for (std::size_t k = 0; k < p.in; k += 2) {
        term(k + 1);
        term(k);
    }
    return sum;
}

TEST(Bfloat16Product, SumsAreThoseOfTheInstructionAtEveryTarget) {
    test::for_each_target([] {
        std::mt19937 generator(31);
        // Levels without a fused multiply-add round each product.
        const double tolerance = target_name() == "AVX2" || target_name().starts_with("AVX3") ? 0 : 1e-5;
        for (const auto& [rows, in, out] :
             {std::array<std::size_t, 3>{1, 1, 1}, {13, 200, 200}, {25, 37, 17}}) {
            Product p = product(generator, rows, in, out);
            multiply(p);
            for (std::size_t row = 0; row < rows; ++row)
                for (std::size_t o = 0; o < out; ++o) {
                    const float wanted = expected(p, row, o);
                    ASSERT_NEAR(p.y[row * p.bias.size() + o], wanted,
                                tolerance * std::max(1.0F, std::abs(wanted)))
                        << "row " << row << ", output " << o;
                }
        }
    });
}

TEST(Bfloat16Product, ARowsSumsDoNotDependOnTheRowsBesideIt) {
    test::for_each_target([] {
        std::mt19937 generator(32);
        Product many = product(generator, 29, 50, 40);
        multiply(many);
        for (std::size_t row = 0; row < many.rows; ++row) {
            Product one = many;
            one.rows = 1;
            one.x.assign(many.x.begin() + static_cast<std::ptrdiff_t>(row * 53),
                         many.x.begin() + static_cast<std::ptrdiff_t>((row + 1) * 53));
            one.y.assign(many.bias.size(), 0);
            multiply(one);
            EXPECT_TRUE(std::equal(one.y.begin(), one.y.begin() + 40,
                                   many.y.begin() + static_cast<std::ptrdiff_t>(row * many.bias.size())));
        }
    });
}

}  // namespace
}  // namespace spectile::kernels
