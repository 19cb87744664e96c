#include "models/networks/over_devices.hpp"

#include <atomic>

namespace spectile::networks {
namespace {

class ModelOverDevices final : public Model {
public:
    explicit ModelOverDevices(std::vector<std::unique_ptr<Model>> models) : models_(std::move(models)) {}
    std::unique_ptr<Runner> start() const override { return models_[started_++ % models_.size()]->start(); }
    /// One for all, so that it matters to no tile where it goes.
    int batch(std::int64_t pixels, int most) const override {
        for (const auto& model : models_) most = model->batch(pixels, most);
        return most;
    }

private:
    std::vector<std::unique_ptr<Model>> models_;
    mutable std::atomic<std::size_t> started_{0};
};

}  // namespace

std::unique_ptr<Model> over_devices(const std::vector<std::string>& devices,
                                    const std::function<std::unique_ptr<Model>(const std::string&)>& make) {
    if (devices.size() == 1) return make(devices.front());
    std::vector<std::unique_ptr<Model>> models;
    for (const auto& device : devices) models.push_back(make(device));
    return std::make_unique<ModelOverDevices>(std::move(models));
}

}  // namespace spectile::networks
