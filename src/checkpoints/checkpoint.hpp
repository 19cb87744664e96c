#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "checkpoints/container.hpp"
#include "checkpoints/tensor_stream.hpp"

namespace spectile::checkpoints {

/// The weights in a file that `torch.save` wrote, under their keys without a leading `module.`.
///
/// Opening reads the directory and the pickle only; a tensor is read when it is asked for. Const and free of
/// locks, so several threads may read at once.
class Checkpoint {
public:
    /// `from` names the dictionary to read, keys joined by dots; empty: `model`, else `state_dict`, else the
    /// top level. Throws Error{Code::missing}, Error{Code::read}, or Error{Code::model} naming file and key.
    static Checkpoint open(const std::string& path, const std::string& from = {});
    static Checkpoint parse(std::vector<std::byte> bytes, const std::string& name,
                            const std::string& from = {});

    const std::string& name() const { return source_->name(); }
    std::uint64_t file_bytes() const { return source_->size(); }
    /// "zip" or "legacy".
    std::string container() const { return container_->kind(); }
    /// Where in the file the weights lie; empty for the top level.
    const std::string& wrapper() const { return wrapper_; }
    /// Keys in the order of the file.
    const std::vector<std::string>& keys() const { return keys_; }
    const std::map<std::string, TensorRecord>& tensors() const { return tensors_; }
    /// Entries among the weights that are no tensors: key, and what stands there instead ("a call of ...").
    const std::map<std::string, std::string>& others() const { return others_; }
    /// What else the file says, as JSON values: `epoch`, `args.model`, ... For information only.
    const std::map<std::string, std::string>& facts() const { return facts_; }

    /// Bytes of a tensor as `read` hands them on.
    std::uint64_t bytes_read(const std::string& key) const;
    /// Hands a tensor on in C order, floating types as float32. Throws Error{Code::model} where there is no
    /// tensor of that key, saying what there is instead, or its storage is not as it says; Error{Code::read}.
    void read(const std::string& key, const ByteSink& sink) const;

private:
    Checkpoint(std::unique_ptr<ByteSource> source, const std::string& from);
    void add(const std::string& key, ValueId value);
    std::string where(const std::string& key) const;
    const TensorRecord& tensor(const std::string& key) const;

    std::unique_ptr<ByteSource> source_;
    std::unique_ptr<Container> container_;
    std::string wrapper_;
    std::vector<std::string> keys_;
    std::map<std::string, TensorRecord> tensors_;
    std::map<std::string, std::string> others_, facts_;
};

}  // namespace spectile::checkpoints
