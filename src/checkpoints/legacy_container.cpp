#include <algorithm>
#include <array>
#include <map>

#include "checkpoints/container.hpp"

namespace spectile::checkpoints {
namespace {

constexpr std::int64_t kVersion = 1001;
/// A pickle of the number 0x1950a86a20f9469cfc6c; every such file begins with these bytes.
constexpr std::array<unsigned char, 15> kMagic = {0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46,
                                                  0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e};

class LegacyContainer final : public Container {
public:
    explicit LegacyContainer(const ByteSource& source) : source_(source), at_(kMagic.size()) {
        check_version(next_pickle());
        check_properties(next_pickle());
        object_ = next_pickle();
        place_storages(next_pickle());
    }

    const Pickle& object() const override { return object_; }
    const char* kind() const override { return "legacy"; }

    Extent locate(const StorageRecord& storage) const override {
        const auto found = places_.find(storage.key);
        if (found == places_.end())
            refuse(source_.name(), "the storage " + in_quotes(storage.key) + " is not there");
        if (found->second.size != storage.bytes())
            refuse(source_.name(), "tensors differ on the size of the storage " + in_quotes(storage.key));
        return found->second;
    }

private:
    Pickle next_pickle() {
        Pickle pickle = read_pickle(source_, at_, source_.size());
        at_ += pickle.size();
        return pickle;
    }

    void check_version(const Pickle& pickle) const {
        const Value& version = pickle.root();
        if (version.kind != Kind::integer || version.integer != kVersion)
            refuse(source_.name(), "its version is not " + std::to_string(kVersion));
    }

    void check_properties(const Pickle& pickle) const {
        for (const auto& [key, value] : pickle.entries(pickle.root_id()).value_or(Entries{}))
            if (pickle.key_text(key) == "little_endian" && pickle.at(value).integer == 0)
                refuse(source_.name(), "its numbers are not little-endian");
    }

    /// The storages lie one after the other in the order of the list; the object says what they hold.
    void place_storages(const Pickle& list) {
        std::map<std::string, StorageRecord> records;
        for (ValueId id = 0; id < object_.values(); ++id) {
            if (object_.at(id).kind != Kind::persistent) continue;
            const auto record = storage_of(object_, id, source_.name());
            records.emplace(record.key, record);
        }
        if (list.root().kind != Kind::list) refuse(source_.name(), "its list of storages is no list");
        for (const auto item : list.root().items) {
            const auto key = list.key_text(item);
            const auto found = key ? records.find(*key) : records.end();
            if (found == records.end())
                refuse(source_.name(), "its list names a storage that no tensor uses");
            place(found->second);
        }
    }

    void place(const StorageRecord& storage) {
        const auto fail = [&](const char* why) {
            refuse(source_.name(), "the storage " + in_quotes(storage.key) + " " + why);
        };
        if (source_.size() - at_ < sizeof(std::uint64_t)) fail("lies beyond the end of the file");
        const auto count = number_at<std::uint64_t>(read_extent(source_, {at_, sizeof(std::uint64_t)}), 0);
        at_ += sizeof(std::uint64_t);
        if (count != storage.elements) fail("has another size than its tensors say");
        if (storage.bytes() > source_.size() - at_) fail("lies beyond the end of the file");
        if (!places_.emplace(storage.key, Extent{at_, storage.bytes()}).second) fail("occurs twice");
        at_ += storage.bytes();
    }

    const ByteSource& source_;
    std::uint64_t at_;
    Pickle object_;
    std::map<std::string, Extent> places_;
};

}  // namespace

bool is_legacy_container(const ByteSource& source) {
    if (source.size() < kMagic.size()) return false;
    const auto begin = read_extent(source, {0, kMagic.size()});
    return std::equal(kMagic.begin(), kMagic.end(), begin.begin(),
                      [](unsigned char a, std::byte b) { return std::byte{a} == b; });
}

std::unique_ptr<Container> open_legacy_container(const ByteSource& source) {
    return std::make_unique<LegacyContainer>(source);
}

}  // namespace spectile::checkpoints
