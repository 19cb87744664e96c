#include "training/selftest_file.hpp"

#include "weights/safetensors.hpp"

namespace spectile::training {

void write_selftest(const std::string& path, const SelfTestCube& input, const SelfTestCube& output,
                    float tolerance) {
    const auto view = [](std::span<const float> values, const std::vector<std::int64_t>& shape) {
        return weights::TensorView{
            .dtype = weights::ElementType::F32, .shape = shape, .data = std::as_bytes(values)};
    };
    weights::write_safetensors(path,
                               {{"input", view(input.values, input.shape)},
                                {"output", view(output.values, output.shape)},
                                {"tolerance", view({&tolerance, 1}, {1})}},
                               {});
}

}  // namespace spectile::training
