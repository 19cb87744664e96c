#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>

#include "golden/mim_istd_case.hpp"
#include "models/networks/layers/selective_scan.hpp"
#include "models/networks/mim_istd/block.hpp"

namespace spectile::networks {
namespace {

using namespace spectile::test;

class MimIstdGolden : public testing::TestWithParam<Arithmetic> {};

/// The file's scan has four groups in its channels; each is a scan of its own.
at::Tensor scan_in_groups(std::map<std::string, at::Tensor>& t, std::int64_t groups, bool reference) {
    const std::int64_t channels = t["u"].size(1) / groups;
    std::vector<at::Tensor> parts;
    for (std::int64_t k = 0; k < groups; ++k) {
        const auto rows = [&](const char* name, std::int64_t axis) {
            return t[name].narrow(axis, k * channels, channels);
        };
        const ScanInput in = {rows("u", 1),           rows("delta", 1), rows("A", 0), t["B"].select(1, k),
                              t["C"].select(1, k),    rows("D", 0),     {},           rows("delta_bias", 0),
                              /*delta_softplus=*/true};
        parts.push_back((reference ? selective_scan_reference(in) : selective_scan(in)).y);
    }
    return at::cat(parts, 1);
}

TEST_P(MimIstdGolden, ScanInGroupsAgrees) {
    SKIP_WITHOUT_GOLDENS();
    const auto& how = GetParam();
    const auto tolerance = mim_tolerance(how);
    const auto files = mim_files("selective_scan");
    ASSERT_FALSE(files.empty()) << "no selective_scan file in " << golden_root() / "mim_istd";
    for (const auto& file : files) {
        std::map<std::string, at::Tensor> t;
        for (const char* name : {"u", "delta", "A", "B", "C", "D", "delta_bias"})
            t[name] = tensor_of(file.at(std::string("input.") + name), how.type).set_requires_grad(true);
        const auto y = scan_in_groups(t, std::stoll(file.meta("groups")), how.reference_scan);
        EXPECT_LE(tensor_error(y, file.at("output")), tolerance.part) << file.stem();
        y.backward(tensor_of(file.at("grad_output"), how.type));
        expect_tensors(file, "grad.", tolerance.part_gradient,
                       [&](const std::string& name) { return t[name].grad(); });
    }
}

TEST_P(MimIstdGolden, Ss2dAgreesOnGridsOfAnyShape) {
    SKIP_WITHOUT_GOLDENS();
    const auto& how = GetParam();
    const auto tolerance = mim_tolerance(how);
    const auto files = mim_files("ss2d");
    ASSERT_FALSE(files.empty()) << "no ss2d file in " << golden_root() / "mim_istd";
    for (const auto& file : files) {
        auto state = state_of(file, how.type);
        Seen seen;
        mim::Pass pass(state, seen.observer);
        pass.reference_scan = how.reference_scan;
        const auto x = tensor_of(file.at("input"), how.type).set_requires_grad(true);
        const auto y = mim::ss2d(pass, x, {std::stoll(file.meta("H")), std::stoll(file.meta("W"))});
        EXPECT_LE(tensor_error(y, file.at("output")), tolerance.part) << file.stem();
        if (how.reference_scan)  // The kernel adds its four terms on the way and never holds one.
            expect_tensors(file, "act.", tolerance.part,
                           [&](const std::string& name) { return seen.tensors[name]; });
        y.backward(tensor_of(file.at("grad_output"), how.type));
        expect_tensors(file, "grad.", tolerance.part_gradient, [&](const std::string& name) {
            return name == "input" ? x.grad() : state[name].grad();
        });
    }
}

TEST_P(MimIstdGolden, BlocksAgree) {
    SKIP_WITHOUT_GOLDENS();
    const auto& how = GetParam();
    const auto tolerance = mim_tolerance(how);
    const auto files = mim_files("block");
    ASSERT_GE(files.size(), 2U) << "no block files in " << golden_root() / "mim_istd";
    for (const auto& file : files) {
        auto state = state_of(file, how.type);
        Seen seen;
        mim::Pass pass(state, seen.observer);
        pass.reference_scan = how.reference_scan;
        const auto words = tensor_of(file.at("input.words"), how.type).set_requires_grad(true);
        const auto sentences = tensor_of(file.at("input.sentences"), how.type).set_requires_grad(true);
        const auto out = mim::mim_block(pass, {words, sentences}, std::stoll(file.meta("side")));
        EXPECT_LE(tensor_error(out.words, file.at("output.words")), tolerance.part) << file.stem();
        EXPECT_LE(tensor_error(out.sentences, file.at("output.sentences")), tolerance.part) << file.stem();
        expect_tensors(file, "act.", tolerance.part,
                       [&](const std::string& name) { return seen.tensors[name]; });
        ((out.words * tensor_of(file.at("grad_output.words"), how.type)).sum() +
         (out.sentences * tensor_of(file.at("grad_output.sentences"), how.type)).sum())
            .backward();
        expect_tensors(file, "grad.", tolerance.part_gradient, [&](const std::string& name) {
            return name == "input.words"       ? words.grad()
                   : name == "input.sentences" ? sentences.grad()
                                               : state[name].grad();
        });
    }
}

TEST_P(MimIstdGolden, WholeNetworkAgrees) {
    SKIP_WITHOUT_GOLDENS();
    const auto& how = GetParam();
    const auto tolerance = mim_tolerance(how);
    const auto states = mim_files("full_state"), files = mim_files("full_eval");
    ASSERT_FALSE(states.empty()) << "no full_state file in " << golden_root() / "mim_istd";
    ASSERT_FALSE(files.empty()) << "no full_eval file in " << golden_root() / "mim_istd";
    const auto network = full_network(states.front(), how);
    const at::NoGradGuard no_grad;
    for (const auto& file : files) {
        Seen seen;
        const auto logits = network->forward(tensor_of(file.at("input"), how.type), seen.observer);
        expect_tensors(file, "act.", tolerance.full,
                       [&](const std::string& name) { return seen.tensors[name]; });
        EXPECT_LE(tensor_error(logits, file.at("output.logits")), tolerance.full) << file.stem();
    }
}

INSTANTIATE_TEST_SUITE_P(Every, MimIstdGolden, testing::ValuesIn(kArithmetics), arithmetic_name);

}  // namespace
}  // namespace spectile::networks
