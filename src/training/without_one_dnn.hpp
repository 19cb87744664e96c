#pragma once

#include <ATen/Context.h>

namespace spectile::training {

/// LibTorch 1.13's oneDNN gives gradients that are no numbers now and then; without it they never were. Off
/// while one of these lives.
class WithoutOneDnn {
public:
    WithoutOneDnn() : before_(at::globalContext().userEnabledMkldnn()) {
        at::globalContext().setUserEnabledMkldnn(false);
    }
    ~WithoutOneDnn() { at::globalContext().setUserEnabledMkldnn(before_); }
    WithoutOneDnn(const WithoutOneDnn&) = delete;
    WithoutOneDnn& operator=(const WithoutOneDnn&) = delete;

private:
    bool before_;
};

}  // namespace spectile::training
