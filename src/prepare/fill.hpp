#pragma once

#include "spectile/step.hpp"

namespace spectile::prepare {

/// Pixels with a value that is not finite become invalid; invalid pixels get one value in every band.
class Fill : public Step {
public:
    explicit Fill(const StepDefinition& definition);
    explicit Fill(float value) : value_(value) {}

    void apply(Cube& cube) const override;
    std::string describe() const override;
    float value() const { return value_; }

private:
    float value_ = 0;
};

}  // namespace spectile::prepare
