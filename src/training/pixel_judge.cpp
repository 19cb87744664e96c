#include "training/pixel_judge.hpp"

#include "training/batch.hpp"

namespace spectile::training {

evaluate::Confusion confusion_of(const Judged& judged, const Dataset& dataset) {
    evaluate::Confusion confusion(dataset.classes);
    for (std::size_t i = 0; i < judged.samples.size(); ++i) {
        const auto target = static_cast<std::size_t>(dataset.samples[judged.samples[i]].target);
        confusion.add(dataset.classes[target].value,
                      dataset.classes[static_cast<std::size_t>(judged.predicted[i])].value);
    }
    return confusion;
}

Judged judge(networks::Network& network, const Dataset& dataset, Role role, const ParallelFor& parallel) {
    Judged judged;
    judged.samples = dataset.with_role(role);
    judged.predicted = predict(network, dataset, judged.samples, parallel);
    judged.confusion = confusion_of(judged, dataset);
    return judged;
}

}  // namespace spectile::training
