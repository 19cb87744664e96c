#include <gtest/gtest.h>

#include "unit/prepare/scenes.hpp"

// Each refusal with its text.
namespace spectile::test {
namespace {

struct Refusal {
    std::string step, parameters, message;
};

class StepRefusal : public testing::TestWithParam<Refusal> {};

TEST_P(StepRefusal, NamesPlaceAndRemedy) {
    const auto& c = GetParam();
    const auto [code, message] = error_of([&] {
        auto bands = bands_at({500, 510, 520});
        bands[1].name = bands[2].name = "twin";
        prepare::make_step(definition(c.step, c.parameters))->bind(bands);
    });
    EXPECT_EQ(code, Code::definition);
    EXPECT_EQ(message, "my.yaml:7: " + c.step + ": " + c.message);
}

INSTANTIATE_TEST_SUITE_P(
    Each, StepRefusal,
    testing::Values(
        Refusal{"scale", R"({"factr": 2})", "unknown key 'factr'; did you mean 'factor'?"},
        Refusal{"scale", R"({"factor": "big"})", "factor: a number is needed, not \"big\""},
        Refusal{"scale", R"({"factor": [1, 2]})",
                "factor has 2 values but 3 bands enter the step; give one value or 3"},
        Refusal{"scale", R"([1])", "parameters must be a map of keys and values"},
        Refusal{"physical", R"({"scale": 2})", "unknown key 'scale'; the step has none"},
        Refusal{"select", "{}", "give one of bands, names or wavelengths"},
        Refusal{"select", R"({"bands": "3-1"})",
                "bands: '3-1' is neither a band number from 1 nor a range such as 3-7"},
        Refusal{"select", R"({"bands": 4})",
                "band 4 is not among the 3 bands that enter (bad bands are left out)"},
        Refusal{"select", R"({"names": ["twin"]})", "two bands are called 'twin'; give numbers"},
        Refusal{"select", R"({"names": ["red"]})", "no band is called 'red'"},
        Refusal{"select", R"({"wavelengths": [700]})",
                "the band nearest to 700 nm is 180.00 nm away, more than tolerance_nm 10"},
        Refusal{"resample", R"({"to": [490]})",
                "490 nm (490 nm) lies outside the 500 to 520 nm that the usable bands cover; resampling does "
                "not extrapolate"},
        Refusal{"resample", R"({"to": [505], "method": "gaussian"})",
                "fwhm: gaussian resampling needs it (nm)"},
        Refusal{"resample", R"({"to": [505], "method": "cubic"})",
                "method: one of linear, gaussian is needed, not \"cubic\""},
        Refusal{"clip", "{}", "give min, max or both"},
        Refusal{"clip", R"({"min": 2, "max": 1})", "min 2 is above max 1"},
        Refusal{"standardise", R"({"mean": 1})", "give mean and std, or from: scene"},
        Refusal{"standardise", R"({"mean": 1, "std": 1, "from": "scene"})",
                "from: scene works out mean and std; leave them out"},
        Refusal{"standardise", R"({"mean": 1, "std": -1})", "std: -1 is negative"},
        Refusal{"min_max", R"({"min": 1, "max": 1})", "min 1 is not below max 1"},
        Refusal{"percentile", R"({"low": 60, "high": 40})",
                "low and high must satisfy 0 <= low < high <= 100"},
        Refusal{"whiten", R"({"mean": 0, "components": [[1, 2]]})",
                "components have 2 weights but 3 bands enter the step"},
        Refusal{"whiten", R"({"mean": 0, "components": [[1, 2, 3]], "scale": 0})",
                "scale: 0 is not positive"},
        Refusal{"whiten", R"({"from": "training"})",
                "from: is for trainings; a pipeline or a card gives mean and components"},
        Refusal{"normalise", R"({"by": "area"})", "by: one of l2, mean, max is needed, not \"area\""},
        Refusal{"derivative", R"({"order": 3})", "order: a whole number from 1 to 2 is needed, not 3"},
        Refusal{"smooth", R"({"window": 4})", "window: 4 is even; an odd number of bands is needed"},
        Refusal{"smooth", R"({"window": 5})", "window is 5 but 3 bands enter"}));

TEST(DerivativeRefusal, NamesABandWithoutWavelength) {
    auto bands = bands_at({500, 510});
    bands[1].wavelength_nm.reset();
    bands[1].name = "thermal";
    const auto [code, message] = error_of([&] { prepare::make_step(definition("derivative"))->bind(bands); });
    EXPECT_EQ(message,
              "my.yaml:7: derivative: band 'thermal' has no wavelength; give scene: {wavelengths: FILE}");
}

TEST(DropBadRefusal, NamesTheListWhereNothingStays) {
    auto bands = bands_at({500});
    bands[0].bad = true;
    const auto [code, message] = error_of([&] { prepare::make_step(definition("drop_bad"))->bind(bands); });
    EXPECT_EQ(message, "my.yaml:7: drop_bad: every band is marked bad; correct the scene's bad-band list");
}

}  // namespace
}  // namespace spectile::test
