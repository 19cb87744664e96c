#pragma once

#include <ATen/Context.h>

namespace spectile::test {

/// As training does: without oneDNN, whose convolutions in LibTorch 1.13 give gradients from memory that
/// nobody wrote.
class WithoutOneDnn {
public:
    WithoutOneDnn() { at::globalContext().setUserEnabledMkldnn(false); }
    ~WithoutOneDnn() { at::globalContext().setUserEnabledMkldnn(true); }
    WithoutOneDnn(const WithoutOneDnn&) = delete;
    WithoutOneDnn& operator=(const WithoutOneDnn&) = delete;
};

}  // namespace spectile::test
