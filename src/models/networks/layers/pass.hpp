#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>

#include "models/networks/network.hpp"

namespace spectile::networks {

/// What every layer of one forward pass is given: the weights under its own prefix, and how the pass is made.
///
/// `How` holds an architecture's own switches, which members take over. A value; `in` gives a copy for a
/// member. The weights and the observer must outlive it.
template <typename How>
class PassOf : public How {
public:
    PassOf(const std::map<std::string, at::Tensor>& weights, const Observer& observe)
        : weights_(&weights), observe_(&observe) {}

    /// The pass of the member `name`; activations keep being shown under `shown` (nothing: not shown).
    PassOf in(const std::string& name) const {
        PassOf member = *this;
        member.prefix_ += name + ".";
        return member;
    }
    /// The same with what is shown named `name`.
    PassOf shown_as(const std::string& name) const {
        PassOf named = *this;
        named.shown_ += name + ".";
        return named;
    }
    PassOf unseen() const {
        static const Observer nobody;
        PassOf hidden = *this;
        hidden.observe_ = &nobody;
        return hidden;
    }
    const at::Tensor& operator[](const std::string& name) const { return weights_->at(prefix_ + name); }
    bool has(const std::string& name) const { return weights_->count(prefix_ + name) != 0; }
    /// Whether anybody is shown anything: what is never held otherwise is then made for them.
    bool observed() const { return static_cast<bool>(*observe_); }
    void show(const std::string& name, const at::Tensor& value) const {
        if (*observe_) (*observe_)(shown_ + name, value);
    }

private:
    const std::map<std::string, at::Tensor>* weights_;
    const Observer* observe_;
    std::string prefix_, shown_;
};

}  // namespace spectile::networks
