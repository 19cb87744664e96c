#include "checkpoints/checkpoint.hpp"

#include <nlohmann/json.hpp>

#include "checkpoints/state_layout.hpp"
#include "spectile/error.hpp"

namespace spectile::checkpoints {
namespace {

/// What data-parallel training puts in front of every key.
const std::string kModule = "module.";

bool is_utf8(const std::string& text) {
    try {
        (void)nlohmann::json(text).dump();
        return true;
    } catch (const nlohmann::json::exception&) {
        return false;
    }
}

}  // namespace

Checkpoint Checkpoint::open(const std::string& path, const std::string& from) {
    return Checkpoint(open_file(path), from);
}

Checkpoint Checkpoint::parse(std::vector<std::byte> bytes, const std::string& name, const std::string& from) {
    return Checkpoint(bytes_in_memory(std::move(bytes), name), from);
}

Checkpoint::Checkpoint(std::unique_ptr<ByteSource> source, const std::string& from)
    : source_(std::move(source)), container_(open_container(*source_)) {
    const Pickle& object = container_->object();
    const StateLayout layout = find_state(object, from, name());
    wrapper_ = layout.wrapper;
    facts_ = facts_of(object);
    for (const auto& [key, value] : layout.entries) {
        const auto text = object.key_text(key);
        if (!text) refuse(name(), "a key of its weights is " + object.describe(key) + ", not a text");
        if (!is_utf8(*text)) refuse(name(), "the key " + in_quotes(*text) + " is not UTF-8");
        add(text->starts_with(kModule) ? text->substr(kModule.size()) : *text, value);
    }
    if (!tensors_.empty() || layout.entries.empty()) return;
    // A network saved whole lies under "model", as a call of its class.
    const auto& [key, what] = *(others_.contains("model") ? others_.find("model") : others_.begin());
    throw Error(Code::model, name() + ": holds no tensors" +
                                 (wrapper_.empty() ? "" : " under " + in_quotes(wrapper_)) + "; " +
                                 in_quotes(key) + " is " + what +
                                 "; save a network's state_dict(), or name its place with --from");
}

void Checkpoint::add(const std::string& key, ValueId value) {
    const Pickle& object = container_->object();
    if (tensors_.count(key) + others_.count(key) > 0)
        refuse(name(), "the key " + in_quotes(key) + " occurs twice");
    keys_.push_back(key);
    if (auto tensor = tensor_of(object, value, where(key)))
        tensors_.emplace(key, std::move(*tensor));
    else
        others_.emplace(key, object.describe(value));
}

std::string Checkpoint::where(const std::string& key) const { return name() + ": tensor " + in_quotes(key); }

const TensorRecord& Checkpoint::tensor(const std::string& key) const {
    if (const auto found = tensors_.find(key); found != tensors_.end()) return found->second;
    const auto other = others_.find(key);
    throw Error(Code::model,
                where(key) + (other == others_.end() ? std::string(" is not there")
                                                     : " is " + other->second + ", not a tensor"));
}

std::uint64_t Checkpoint::bytes_read(const std::string& key) const {
    const TensorRecord& record = tensor(key);
    return record.elements() * weights::size_of(type_read(record.type));
}

void Checkpoint::read(const std::string& key, const ByteSink& sink) const {
    const TensorRecord& record = tensor(key);
    stream_tensor(*source_, container_->locate(record.storage), record, where(key), sink);
}

}  // namespace spectile::checkpoints
