#include <algorithm>

#include "models/entries/registry.hpp"
#include "models/native/registry.hpp"
#include "spectile/error.hpp"

namespace spectile::native {
namespace {

/// Copies `core` out of a plane that covers `from`.
template <typename T>
void copy_window(const T* plane, const Window& from, const Window& core, T* out) {
    for (std::int64_t row = 0; row < core.height; ++row) {
        const T* begin = plane + (core.y - from.y + row) * from.width + (core.x - from.x);
        std::copy_n(begin, core.width, out + row * core.width);
    }
}

class IdentityRunner final : public Runner {
public:
    explicit IdentityRunner(int halo) : halo_(halo) {}

    void predict(std::span<const Cube> in, std::span<Prediction> out, const ParallelFor&) override {
        for (std::size_t i = 0; i < in.size(); ++i) predict_one(in[i], out[i]);
    }

private:
    void predict_one(const Cube& cube, Prediction& out) const {
        const Window core = grow(cube.window, -halo_);
        if (core.empty())
            throw Error(Code::internal,
                        "identity: window " + to_string(cube.window) + " is smaller than its halo");
        out.reset(core, cube.bands);
        for (int band = 0; band < cube.bands; ++band)
            copy_window(cube.band(band).data(), cube.window, core, out.channel(band).data());
        copy_window(cube.valid.data(), cube.window, core, out.valid.data());
    }

    int halo_;
};

class IdentityModel final : public Model {
public:
    explicit IdentityModel(int halo) : halo_(halo) {}
    std::unique_ptr<Runner> start() const override { return std::make_unique<IdentityRunner>(halo_); }

private:
    int halo_;
};

}  // namespace

NativeEntry identity() {
    return {
        .name = "identity",
        .load = [](const ModelCard& card) { return std::make_unique<IdentityModel>(traits_of(card).halo); },
        .network = false};
}

}  // namespace spectile::native
