#include "models/networks/spectral_gpt/masking.hpp"

#include <ATen/ops/argsort.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/ones_like.h>

#include "models/networks/layers/counter_random.hpp"

namespace spectile::networks {

std::int64_t visible_tokens(std::int64_t tokens, double ratio) {
    return static_cast<std::int64_t>(static_cast<double>(tokens) * (1 - ratio));
}

Masking mask_tokens(const at::Tensor& noise, double ratio) {
    const std::int64_t visible = visible_tokens(noise.size(1), ratio);
    const auto shuffled = at::argsort(noise, /*stable=*/true, /*dim=*/1);
    Masking out;
    out.restored = at::argsort(shuffled, /*stable=*/true, /*dim=*/1);
    out.kept = shuffled.narrow(1, 0, visible);
    auto in_order = at::ones_like(noise);
    in_order.narrow(1, 0, visible).zero_();
    out.hidden = in_order.gather(1, out.restored);
    return out;
}

at::Tensor masking_noise(std::uint64_t seed, std::uint64_t epoch, std::uint64_t first, std::int64_t count,
                         std::int64_t tokens) {
    auto noise = at::empty({count, tokens}, at::kFloat);
    float* values = noise.data_ptr<float>();
    for (std::int64_t sample = 0; sample < count; ++sample) {
        const auto key = key_of({seed, epoch, first + static_cast<std::uint64_t>(sample)});
        for (std::int64_t token = 0; token < tokens; ++token)
            *values++ = static_cast<float>(uniform_of(key, static_cast<std::uint64_t>(token)));
    }
    return noise;
}

}  // namespace spectile::networks
