#include "kernels/device/prepare.cuh"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <nlohmann/json.hpp>

#include "prepare/steps.hpp"
#include "unit/device_kernels/any_order.hpp"
#include "unit/prepare/scenes.hpp"

namespace spectile::kernels::device {
namespace {

struct Preparation {
    std::int64_t pixels, raw_bands, bands;
    std::vector<std::int32_t> band;
    std::vector<float> factor, offset, mean, deviation;
    std::vector<std::uint8_t> valid;

    Preparation() {
        pixels = *rc::gen::inRange<std::int64_t>(1, 90);
        raw_bands = *rc::gen::inRange<std::int64_t>(1, 80);
        bands = *rc::gen::inRange<std::int64_t>(1, 80);
        std::mt19937 generator(*rc::gen::arbitrary<unsigned>());
        std::uniform_real_distribution<float> some(0.01F, 2.0F);
        for (std::int64_t i = 0; i < bands; ++i) {
            band.push_back(static_cast<std::int32_t>(generator() % static_cast<unsigned>(raw_bands)));
            for (auto* values : {&factor, &offset, &mean, &deviation}) values->push_back(some(generator));
        }
        for (std::int64_t i = 0; i < pixels; ++i) valid.push_back(generator() % 4 != 0);
    }
    BandChange change() const {
        return {band.data(), factor.data(), offset.data(), mean.data(), deviation.data()};
    }
};

/// The preparation steps of the program on the same values: [bands, pixels], invalid pixels 0.
std::vector<float> by_steps(const Preparation& p, const std::vector<float>& raw) {
    const auto list = [](const std::vector<float>& values) {
        return nlohmann::json(std::vector<double>(values.begin(), values.end())).dump();
    };
    std::vector<BandInfo> infos(static_cast<std::size_t>(p.bands));
    Cube cube;
    cube.reset({0, 0, p.pixels, 1}, static_cast<int>(p.bands));
    for (std::int64_t i = 0; i < p.bands; ++i)
        std::copy_n(raw.begin() + p.band[static_cast<std::size_t>(i)] * p.pixels, p.pixels,
                    cube.band(static_cast<int>(i)).begin());
    for (const StepDefinition& definition :
         {spectile::test::definition(
              "scale", R"({"factor": )" + list(p.factor) + R"(, "offset": )" + list(p.offset) + "}"),
          spectile::test::definition(
              "standardise", R"({"mean": )" + list(p.mean) + R"(, "std": )" + list(p.deviation) + "}")}) {
        const auto step = prepare::make_step(definition);
        infos = step->bind(infos);
        step->apply(cube);
    }
    for (std::size_t i = 0; i < cube.values.size(); ++i)
        if (p.valid[i % p.valid.size()] == 0) cube.values[i] = 0.0F;
    return cube.values;
}

template <class Raw, class Out>
void check_pair() {
    const Preparation p;
    std::mt19937 generator(*rc::gen::arbitrary<unsigned>());
    std::vector<Raw> raw(static_cast<std::size_t>(p.raw_bands * p.pixels));
    for (Raw& value : raw) value = static_cast<Raw>(generator() % 60000);
    const auto expected = by_steps(p, std::vector<float>(raw.begin(), raw.end()));
    const auto ours = test::same_in_any_order<Out>([&](Order order) {
        std::vector<Out> out(static_cast<std::size_t>(p.pixels * p.bands));
        const PrepareBands<Raw, Out> kernel{raw.data(), p.valid.data(), p.pixels,
                                            p.bands,    p.change(),     out.data()};
        run_on_host(kernel, kernel.blocks(), order);
        return out;
    });
    for (std::int64_t band = 0; band < p.bands; ++band)
        for (std::int64_t pixel = 0; pixel < p.pixels; ++pixel) {
            Out cast;
            convert(expected[static_cast<std::size_t>(band * p.pixels + pixel)], cast);
            RC_ASSERT(std::memcmp(&cast, &ours[static_cast<std::size_t>(pixel * p.bands + band)],
                                  sizeof(Out)) == 0);
        }
}

TEST(DevicePrepare, GivesTheSameBytesAsTheStepsInEveryType) {
    EXPECT_TRUE(rc::check("uint16 to float32", [] { check_pair<std::uint16_t, float>(); }));
    EXPECT_TRUE(rc::check("int16 to binary16", [] { check_pair<std::int16_t, Half>(); }));
    EXPECT_TRUE(rc::check("uint8 to bfloat16", [] { check_pair<std::uint8_t, BFloat16>(); }));
    EXPECT_TRUE(rc::check("float32 to float32", [] { check_pair<float, float>(); }));
}

}  // namespace
}  // namespace spectile::kernels::device
