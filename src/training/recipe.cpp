#include "training/recipe.hpp"

#include <fmt/format.h>

#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "spectile/error.hpp"

namespace spectile::training {
namespace {

using Json = nlohmann::ordered_json;
constexpr double kAny = std::numeric_limits<double>::max();

/// Takes keys out of one JSON object and knows afterwards which were not asked for.
class Keys {
public:
    Keys(const Json& object, std::string file, std::string path)
        : object_(object), file_(std::move(file)), path_(std::move(path)) {
        if (!object.is_object()) fail(path_, "must be a mapping");
    }

    void take(const char* key, double& value, double low, double high) {
        if (const Json* found = find(key)) {
            if (!found->is_number()) fail(name(key), "must be a number");
            value = found->get<double>();
            if (!(value >= low && value <= high))
                fail(name(key),
                     fmt::format("is {}, must be {} {}", value, high < kAny ? "between" : "at least",
                                 high < kAny ? fmt::format("{} and {}", low, high) : fmt::format("{}", low)));
        }
    }
    void take(const char* key, int& value, int low) {
        if (const Json* found = find(key)) {
            if (!found->is_number_integer()) fail(name(key), "must be a whole number");
            const auto wide = found->get<std::int64_t>();
            if (wide < low || wide > 100'000'000)
                fail(name(key), fmt::format("is {}, must be at least {}", wide, low));
            value = static_cast<int>(wide);
        }
    }
    void take(const char* key, bool& value) {
        if (const Json* found = find(key)) {
            if (!found->is_boolean()) fail(name(key), "must be true or false");
            value = found->get<bool>();
        }
    }
    void take(const char* key, std::string& value, const std::set<std::string>& choices) {
        if (const Json* found = find(key)) {
            if (found->is_string()) value = found->get<std::string>();
            if (!found->is_string() || choices.count(value) == 0)
                fail(name(key), fmt::format("must be one of: {}", fmt::join(choices, ", ")));
        }
    }
    const Json* find(const char* key) {
        known_.insert(key);
        const auto found = object_.find(key);
        return found == object_.end() ? nullptr : &*found;
    }
    void no_others() const {
        for (const auto& item : object_.items())
            if (known_.count(item.key()) == 0)
                fail(name(item.key()), fmt::format("is not known; known are: {}", fmt::join(known_, ", ")));
    }

private:
    std::string name(const std::string& key) const { return path_ + "." + key; }
    [[noreturn]] void fail(const std::string& key, const std::string& what) const {
        throw Error(Code::definition, fmt::format("{}: {} {}", file_, key, what));
    }

    const Json& object_;
    std::string file_, path_;
    std::set<std::string> known_;
};

void read_augmentation(const Json& object, const std::string& file, Augmentation& a) {
    Keys keys(object, file, "recipe.augmentation");
    keys.take("flips", a.flips);
    keys.take("turns", a.turns);
    keys.take("brightness", a.brightness, 0, 10);
    keys.take("noise", a.noise, 0, 10);
    keys.take("offset", a.offset, 0, 10);
    keys.take("spectral_dropout", a.spectral_dropout, 0, 1);
    keys.take("mixing", a.mixing, 0, 1);
    keys.no_others();
}

}  // namespace

Recipe read_recipe(const std::string& json, const std::string& file) {
    const Json object = Json::parse(json, nullptr, /*allow_exceptions=*/false);
    Recipe r;
    Keys keys(object, file, "recipe");
    keys.take("epochs", r.epochs, 1);
    keys.take("batch", r.batch, 1);
    keys.take("learning_rate", r.learning_rate, 0, 10);
    keys.take("final_learning_rate", r.final_learning_rate, 0, 10);
    keys.take("schedule", r.schedule, {"constant", "cosine", "exponential", "linear", "polynomial"});
    keys.take("epoch_decay", r.epoch_decay, 0, 1);
    keys.take("warmup", r.warmup, 0);
    keys.take("weight_decay", r.weight_decay, 0, 10);
    keys.take("gradient_clip", r.gradient_clip, 0, kAny);
    keys.take("class_weights", r.class_weights, {"none", "balanced", "root", "change"});
    keys.take("sampling", r.sampling, {"plain", "balanced", "root"});
    keys.take("label_smoothing", r.label_smoothing, 0, 0.9);
    keys.take("moving_average", r.moving_average, 0, 0.99999);
    keys.take("patience", r.patience, 0);
    keys.take("keep", r.keep, {"best", "last"});
    keys.take("precision", r.precision, {"float32", "bfloat16", "float16"});
    if (const Json* augmentation = keys.find("augmentation"))
        read_augmentation(*augmentation, file, r.augmentation);
    keys.no_others();
    return r;
}

std::string to_json(const Recipe& r) {
    const auto& a = r.augmentation;
    Json json = {{"epochs", r.epochs},
                 {"batch", r.batch},
                 {"learning_rate", r.learning_rate},
                 {"final_learning_rate", r.final_learning_rate},
                 {"schedule", r.schedule},
                 {"warmup", r.warmup},
                 {"weight_decay", r.weight_decay},
                 {"gradient_clip", r.gradient_clip},
                 {"class_weights", r.class_weights},
                 {"sampling", r.sampling},
                 {"label_smoothing", r.label_smoothing},
                 {"moving_average", r.moving_average},
                 {"patience", r.patience},
                 {"keep", r.keep},
                 {"augmentation",
                  {{"flips", a.flips},
                   {"turns", a.turns},
                   {"brightness", a.brightness},
                   {"noise", a.noise},
                   {"offset", a.offset},
                   {"spectral_dropout", a.spectral_dropout},
                   {"mixing", a.mixing}}}};
    if (r.schedule == "exponential") json["epoch_decay"] = r.epoch_decay;
    if (r.precision != "float32") json["precision"] = r.precision;
    return json.dump();
}

}  // namespace spectile::training
