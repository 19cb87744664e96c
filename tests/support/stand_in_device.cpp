#include "support/stand_in_device.hpp"

#include <ATen/EmptyTensor.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/view_native.h>
#include <c10/core/Allocator.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/library.h>
#include <torch/version.h>

#include <cstdlib>
#include <cstring>

namespace spectile::test {
namespace {

struct HostMemory final : c10::Allocator {
#if TORCH_VERSION_MAJOR >= 2
    c10::DataPtr allocate(std::size_t bytes) override {
#else
    c10::DataPtr allocate(std::size_t bytes) const override {
#endif
        void* memory = std::malloc(bytes > 0 ? bytes : 1);
        return {memory, memory, &std::free, stand_in_device()};
    }
    c10::DeleterFnPtr raw_deleter() const override { return &std::free; }
#if TORCH_VERSION_MAJOR >= 2
    void copy_data(void* to, const void* from, std::size_t bytes) const override {
        std::memcpy(to, from, bytes);
    }
#endif
};

HostMemory& memory() {
    static HostMemory all;
    return all;
}

bool is_ours(const at::Tensor& tensor) { return tensor.device().type() == at::kXPU; }

/// The same memory as a tensor of the CPU's.
at::Tensor as_host(const at::Tensor& tensor) {
    if (!tensor.defined() || !is_ours(tensor)) return tensor;
    return at::from_blob(tensor.data_ptr(), tensor.sizes(), tensor.strides(),
                         at::TensorOptions(tensor.dtype()).device(at::kCPU));
}

at::Tensor checked_as_host(const at::Tensor& tensor, const c10::OperatorHandle& op) {
    TORCH_CHECK(!tensor.defined() || is_ours(tensor) || tensor.dim() == 0, op.schema().name(),
                ": a tensor on ", tensor.device(), " among those on ", stand_in_device());
    return as_host(tensor);
}

c10::IValue host_value(const c10::IValue& value, const c10::OperatorHandle& op) {
    if (value.isTensor()) return checked_as_host(value.toTensor(), op);
    if (value.isDevice()) return c10::Device(at::kCPU);
    if (!value.isTensorList()) return value;
    c10::List<at::Tensor> list;
    for (const auto& tensor : value.toTensorVector()) list.push_back(checked_as_host(tensor, op));
    return list;
}

/// What an operator gives: the argument that it wrote to, or a copy on the device.
c10::IValue device_value(const c10::IValue& value, const c10::AliasInfo* written,
                         const c10::FunctionSchema& schema, const std::vector<c10::IValue>& given) {
    if (!value.isTensor() || !value.toTensor().defined()) return value;
    for (std::size_t i = 0; written && i < given.size(); ++i) {
        const auto* alias = schema.arguments()[i].alias_info();
        if (!alias || !alias->isWrite() || alias->beforeSets() != written->beforeSets()) continue;
        TORCH_CHECK(given[i].toTensor().sizes() == value.toTensor().sizes(), schema.name(),
                    ": makes its output larger, which the stand-in cannot");
        return given[i];
    }
    return value.toTensor().to(stand_in_device());
}

void by_host(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
    const auto& schema = op.schema();
    const auto first = stack->end() - static_cast<std::ptrdiff_t>(schema.arguments().size());
    const std::vector<c10::IValue> given(first, stack->end());
    for (auto value = first; value != stack->end(); ++value) *value = host_value(*value, op);
    // What is written to is returned by reference, after LibTorch has let go of the stack's own.
    const std::vector<c10::IValue> kept(first, stack->end());
    op.redispatchBoxed(c10::DispatchKeySet(c10::DispatchKey::CPU), stack);
    auto result = stack->end() - static_cast<std::ptrdiff_t>(schema.returns().size());
    for (const auto& returned : schema.returns()) {
        const auto* alias = returned.alias_info();
        *result = device_value(*result, alias && alias->isWrite() ? alias : nullptr, schema, given);
        ++result;
    }
}

at::Tensor empty(at::IntArrayRef size, c10::optional<at::ScalarType> type, c10::optional<at::Layout>,
                 c10::optional<at::Device>, c10::optional<bool>, c10::optional<at::MemoryFormat> format) {
    return at::detail::empty_generic(size, &memory(), c10::DispatchKeySet(c10::DispatchKey::XPU),
                                     type.value_or(at::kFloat), format);
}

at::Tensor empty_strided(at::IntArrayRef size, at::IntArrayRef stride, c10::optional<at::ScalarType> type,
                         c10::optional<at::Layout>, c10::optional<at::Device>, c10::optional<bool>) {
    return at::detail::empty_strided_generic(
        size, stride, &memory(), c10::DispatchKeySet(c10::DispatchKey::XPU), type.value_or(at::kFloat));
}

at::Tensor& copy(at::Tensor& to, const at::Tensor& from, bool) {
    as_host(to).copy_(as_host(from));
    return to;
}

TORCH_LIBRARY_IMPL(_, XPU, library) {
    library.fallback(torch::CppFunction::makeFromBoxedFunction<&by_host>());
}

TORCH_LIBRARY_IMPL(aten, XPU, library) {
    library.impl("empty.memory_format", &empty);
    library.impl("empty_strided", &empty_strided);
    library.impl("copy_", &copy);
    // Views, and what asks for the kind of device before it comes to a kernel.
    library.impl("as_strided", &at::native::as_strided_tensorimpl);
    library.impl("view", static_cast<at::Tensor (*)(const at::Tensor&, at::IntArrayRef)>(&at::native::view));
    library.impl("_reshape_alias", &at::native::_reshape_alias);
    library.impl("convolution", torch::CppFunction::makeFromBoxedFunction<&by_host>());
    library.impl("convolution_backward", torch::CppFunction::makeFromBoxedFunction<&by_host>());
}

const c10::impl::NoOpDeviceGuardImpl<c10::DeviceType::XPU> guard;
const c10::impl::DeviceGuardImplRegistrar registrar(c10::DeviceType::XPU, &guard);

}  // namespace

at::Device stand_in_device() { return {c10::DeviceType::XPU, 0}; }

}  // namespace spectile::test
