#include <fmt/format.h>

#include "prepare/parameters.hpp"
#include "prepare/selection.hpp"
#include "spectile/error.hpp"

// drop_bad: leaves out the bands that the scene's bad-band list names.
namespace spectile::prepare {
namespace {

const std::vector<StepKey> kDropBadKeys = {};

class DropBad : public Selection {
public:
    explicit DropBad(const StepDefinition& definition)
        : place_(Parameters(definition, kDropBadKeys).place()) {}

    std::vector<int> choose(const std::vector<BandInfo>& bands) const override {
        std::vector<int> good;
        for (std::size_t band = 0; band < bands.size(); ++band)
            if (!bands[band].bad) good.push_back(static_cast<int>(band));
        if (good.empty())
            throw Error(Code::definition,
                        place_ + ": every band is marked bad; correct the scene's bad-band list");
        return good;
    }
    std::string describe() const override { return fmt::format("drop_bad: {} bands stay", chosen().size()); }

private:
    std::string place_;
};

}  // namespace

StepEntry drop_bad() {
    return {.name = "drop_bad",
            .summary = "Leaves out the bands of the scene's bad-band list.",
            .make = [](const StepDefinition& definition) { return std::make_unique<DropBad>(definition); },
            .keys = kDropBadKeys};
}

}  // namespace spectile::prepare
