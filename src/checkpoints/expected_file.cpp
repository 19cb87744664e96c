#include <filesystem>
#include <nlohmann/json.hpp>

#include "checkpoints/key_report.hpp"
#include "core/text_file.hpp"
#include "spectile/error.hpp"
#include "weights/safetensors.hpp"

namespace spectile::checkpoints {
namespace {

using nlohmann::json;

std::string without_module(const std::string& key) {
    return key.starts_with("module.") ? key.substr(7) : key;
}

[[noreturn]] void refuse_list(const std::string& path, const std::string& why) {
    throw Error(Code::definition, path + ": is no list of names and shapes: " + why);
}

ExpectedWeights::Tensor tensor_in(const json& key, const json& shape, const std::string& path) {
    if (!key.is_string()) refuse_list(path, "a tensor has no key");
    ExpectedWeights::Tensor tensor{without_module(key.get<std::string>()), {}};
    const bool sides = shape.is_array() && std::all_of(shape.begin(), shape.end(), [](const json& side) {
                           return side.is_number_unsigned();
                       });
    if (!sides) refuse_list(path, in_quotes(tensor.name) + " has no shape of whole numbers from 0");
    tensor.shape = shape.get<std::vector<std::int64_t>>();
    return tensor;
}

ExpectedWeights from_json(const std::string& path) {
    const json document = json::parse(read_text_file(path), nullptr, /*allow_exceptions=*/false);
    if (!document.is_object()) refuse_list(path, "it is not a JSON object");
    ExpectedWeights expected;
    if (const auto list = document.find("tensors"); list != document.end() && list->is_array()) {
        for (const auto& one : *list)
            expected.tensors.push_back(tensor_in(one.is_object() ? one.value("key", json()) : json(),
                                                 one.is_object() ? one.value("shape", json()) : json(),
                                                 path));
        return expected;
    }
    for (const auto& [key, shape] : document.items()) expected.tensors.push_back(tensor_in(key, shape, path));
    return expected;
}

}  // namespace

ExpectedWeights read_expected(const std::string& path) {
    ExpectedWeights expected;
    if (std::filesystem::path(path).extension() == ".safetensors") {
        const auto file = weights::SafeTensors::open(path);
        for (const auto& [key, view] : file.tensors())
            expected.tensors.push_back({without_module(key), view.shape});
    } else {
        expected = from_json(path);
    }
    std::set<std::string> names;
    for (const auto& tensor : expected.tensors)
        if (!names.insert(tensor.name).second) refuse_list(path, in_quotes(tensor.name) + " occurs twice");
    return expected;
}

}  // namespace spectile::checkpoints
