#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "prepare/band_mix.hpp"
#include "prepare/parameters.hpp"
#include "spectile/error.hpp"

// smooth: each spectrum smoothed along its bands, which count as evenly spaced.
// Source of savitzky_golay: Savitzky, Golay, "Smoothing and differentiation of data by simplified least
// squares procedures", Analytical Chemistry 36, 1964: value at a band of the polynomial fitted to its window.
namespace spectile::prepare {
namespace {

const std::vector<StepKey> kSmoothKeys = {
    {"window", "bands per window, odd", "5"},
    {"method",
     "savitzky_golay (polynomial fit; the windows at the ends lie inside) or "
     "mean (windows shrink at the ends)",
     "\"savitzky_golay\""},
    {"degree", "of the polynomial; below window", "2"}};

/// Solves the symmetric system m * x = v of small size by Gaussian elimination with row exchange.
std::vector<double> solve(std::vector<std::vector<double>> m, std::vector<double> v) {
    const std::size_t n = v.size();
    for (std::size_t col = 0; col < n; ++col) {
        std::size_t pivot = col;
        for (std::size_t row = col + 1; row < n; ++row)
            if (std::abs(m[row][col]) > std::abs(m[pivot][col])) pivot = row;
        std::swap(m[col], m[pivot]);
        std::swap(v[col], v[pivot]);
        for (std::size_t row = col + 1; row < n; ++row) {
            const double ratio = m[row][col] / m[col][col];
            for (std::size_t k = col; k < n; ++k) m[row][k] -= ratio * m[col][k];
            v[row] -= ratio * v[col];
        }
    }
    for (std::size_t row = n; row-- > 0;) {
        for (std::size_t k = row + 1; k < n; ++k) v[row] -= m[row][k] * v[k];
        v[row] /= m[row][row];
    }
    return v;
}

/// Weights of a window's values for the fitted polynomial's value at position `at` of the window.
std::vector<float> fit_weights(int window, int degree, int at) {
    const int half = window / 2;
    const auto place = [&](int i) {
        return static_cast<double>(i - half) / std::max(half, 1);
    };  // within [-1, 1]
    const auto terms = static_cast<std::size_t>(degree) + 1;
    std::vector<std::vector<double>> normal(terms, std::vector<double>(terms, 0.0));
    std::vector<double> wanted(terms);
    for (std::size_t a = 0; a < terms; ++a) {
        wanted[a] = std::pow(place(at), static_cast<double>(a));
        for (std::size_t b = 0; b < terms; ++b)
            for (int i = 0; i < window; ++i) normal[a][b] += std::pow(place(i), static_cast<double>(a + b));
    }
    const auto factors = solve(normal, wanted);
    std::vector<float> weights;
    for (int i = 0; i < window; ++i) {
        double weight = 0;
        for (std::size_t a = 0; a < terms; ++a)
            weight += factors[a] * std::pow(place(i), static_cast<double>(a));
        weights.push_back(static_cast<float>(weight));
    }
    return weights;
}

class Smooth : public Step {
public:
    explicit Smooth(const StepDefinition& definition) {
        const Parameters given(definition, kSmoothKeys);
        place_ = given.place();
        window_ = static_cast<int>(given.whole("window", 1, 101));
        if (window_ % 2 == 0)
            given.refuse("window", fmt::format("{} is even; an odd number of bands is needed", window_));
        method_ = given.one_of("method", {"savitzky_golay", "mean"});
        degree_ = static_cast<int>(given.whole("degree", 0, 6));
        if (method_ == "savitzky_golay" && degree_ >= window_)
            given.refuse("degree", fmt::format("{} is not below window {}", degree_, window_));
    }

    std::vector<BandInfo> bind(std::vector<BandInfo> bands) override {
        const auto count = static_cast<int>(bands.size());
        if (count < window_)
            throw Error(Code::definition,
                        fmt::format("{}: window is {} but {} bands enter", place_, window_, count));
        mixes_.clear();
        for (int band = 0; band < count; ++band)
            mixes_.push_back(method_ == "mean" ? mean(band, count) : fit(band, count));
        return bands;
    }
    void apply(Cube& cube) const override { mix_bands(mixes_, cube); }
    std::string describe() const override {
        if (method_ == "mean") return fmt::format("smooth: mean of {} bands", window_);
        return fmt::format("smooth: savitzky_golay, window {}, degree {}", window_, degree_);
    }

private:
    BandMix mean(int band, int count) const {
        const int half = std::min({window_ / 2, band, count - 1 - band});
        BandMix mix;
        for (int i = band - half; i <= band + half; ++i) {
            mix.sources.push_back(i);
            mix.weights.push_back(1.0F / static_cast<float>(2 * half + 1));
        }
        return mix;
    }
    BandMix fit(int band, int count) const {
        const int first = std::clamp(band - window_ / 2, 0, count - window_);
        BandMix mix;
        for (int i = 0; i < window_; ++i) mix.sources.push_back(first + i);
        mix.weights = fit_weights(window_, degree_, band - first);
        return mix;
    }

    std::string place_, method_;
    int window_ = 5, degree_ = 2;
    std::vector<BandMix> mixes_;
};

}  // namespace

StepEntry smooth() {
    return {.name = "smooth",
            .summary = "Smooths each spectrum along its bands.",
            .make = [](const StepDefinition& definition) { return std::make_unique<Smooth>(definition); },
            .keys = kSmoothKeys,
            .example = R"({"window": 5, "degree": 2})"};
}

}  // namespace spectile::prepare
