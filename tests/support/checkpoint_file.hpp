#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

// Checkpoints made in a test, byte by byte: pickles from pieces that each leave one value on the stack, and
// the zip file around them. Header-only.

namespace spectile::test::pickled {

template <typename T>
std::string raw(T value) {
    return {reinterpret_cast<const char*>(&value), sizeof value};
}

inline std::string text(const std::string& value) {
    return "X" + raw(static_cast<std::uint32_t>(value.size())) + value;
}
inline std::string number(std::int64_t value) { return "\x8a\x08" + raw(value); }
inline std::string global(const std::string& module, const std::string& name) {
    return "c" + module + "\n" + name + "\n";
}
inline std::string joined(const std::vector<std::string>& values) {
    std::string all;
    for (const auto& value : values) all += value;
    return all;
}
inline std::string tuple(const std::vector<std::string>& values) { return "(" + joined(values) + "t"; }
inline std::string list(const std::vector<std::string>& values) { return "](" + joined(values) + "e"; }
inline std::string numbers(const std::vector<std::int64_t>& values) {
    std::vector<std::string> all;
    for (const auto value : values) all.push_back(number(value));
    return tuple(all);
}
inline std::string call(const std::string& callee, const std::vector<std::string>& arguments) {
    return callee + tuple(arguments) + "R";
}
using Pairs = std::vector<std::pair<std::string, std::string>>;  ///< Key as plain text, value as a piece.
inline std::string filled(const std::string& mapping, const Pairs& pairs) {
    std::string all = mapping + "(";
    for (const auto& [key, value] : pairs) all += text(key) + value;
    return all + "u";
}
inline std::string dict(const Pairs& pairs) { return filled("}", pairs); }
inline std::string ordered_dict(const Pairs& pairs) {
    return filled(call(global("collections", "OrderedDict"), {}), pairs);
}

/// A tensor over a storage.
struct Tensor {
    std::string storage = "0", type = "FloatStorage";
    std::int64_t elements = 4, offset = 0;
    std::vector<std::int64_t> shape = {4}, strides = {1};

    std::string storage_piece() const {
        return tuple({text("storage"), global("torch", type), text(storage), text("cuda:0"),
                      number(elements)}) +
               "Q";
    }
    std::string piece() const {
        return call(global("torch._utils", "_rebuild_tensor_v2"),
                    {storage_piece(), number(offset), numbers(shape), numbers(strides), "\x89",
                     call(global("collections", "OrderedDict"), {})});
    }
};

/// A whole pickle of protocol 2.
inline std::string pickle(const std::string& value) { return "\x80\x02" + value + "."; }

struct ZipEntry {
    std::string name, data;
};

/// A zip file of stored entries, their data on 64 bytes by padding in the local header, as PyTorch writes it.
/// With `zip64`, sizes, offsets and the directory's place stand in Zip64 records only.
inline std::string zip(const std::vector<ZipEntry>& entries, bool zip64 = false) {
    using U16 = std::uint16_t;
    using U32 = std::uint32_t;
    using U64 = std::uint64_t;
    constexpr U32 kElsewhere = 0xFFFFFFFF;
    std::string file, directory;
    const auto narrow = [&](std::size_t value) { return raw(zip64 ? kElsewhere : static_cast<U32>(value)); };
    for (const auto& [name, data] : entries) {
        const std::size_t header = file.size(), pad = (64 - (header + 30 + name.size() + 4) % 64) % 64;
        const std::string sizes = narrow(data.size()) + narrow(data.size());
        file += "PK\x03\x04" + raw(U16{45}) + raw(U16{0}) + raw(U16{0}) + raw(U32{0}) + raw(U32{0}) + sizes +
                raw(static_cast<U16>(name.size())) + raw(static_cast<U16>(4 + pad)) + name + "FB" +
                raw(static_cast<U16>(pad)) + std::string(pad, 'Z') + data;
        const std::string wide = zip64 ? raw(U16{1}) + raw(U16{24}) + raw(U64{data.size()}) +
                                             raw(U64{data.size()}) + raw(U64{header})
                                       : std::string();
        directory += "PK\x01\x02" + raw(U16{45}) + raw(U16{45}) + raw(U16{0}) + raw(U16{0}) + raw(U32{0}) +
                     raw(U32{0}) + sizes + raw(static_cast<U16>(name.size())) +
                     raw(static_cast<U16>(wide.size())) + raw(U16{0}) + raw(U16{0}) + raw(U16{0}) +
                     raw(U32{0}) + narrow(header) + name + wide;
    }
    const std::size_t begin = file.size();
    file += directory;
    const std::size_t end = file.size();
    if (zip64)
        file += "PK\x06\x06" + raw(U64{44}) + raw(U16{45}) + raw(U16{45}) + raw(U32{0}) + raw(U32{0}) +
                raw(U64{entries.size()}) + raw(U64{entries.size()}) + raw(U64{directory.size()}) +
                raw(U64{begin}) + "PK\x06\x07" + raw(U32{0}) + raw(U64{end}) + raw(U32{1});
    const U16 count = zip64 ? U16{0xFFFF} : static_cast<U16>(entries.size());
    return file + "PK\x05\x06" + raw(U16{0}) + raw(U16{0}) + raw(count) + raw(count) +
           narrow(directory.size()) + narrow(begin) + raw(U16{0});
}

/// The zip file of an object and its storages, "0", "1", ... .
inline std::string checkpoint(const std::string& value, const std::vector<std::string>& storages,
                              bool zip64 = false) {
    std::vector<ZipEntry> entries = {{"odd+name/data.pkl", pickle(value)}};
    for (std::size_t i = 0; i < storages.size(); ++i)
        entries.push_back({"odd+name/data/" + std::to_string(i), storages[i]});
    entries.push_back({"odd+name/version", "3\n"});
    return zip(entries, zip64);
}

/// The same in the container that PyTorch wrote before 1.6; `storages` with their count of elements.
inline std::string legacy(const std::string& value,
                          const std::vector<std::pair<std::int64_t, std::string>>& storages) {
    const std::string magic("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e", 15);
    std::vector<std::string> keys;
    std::string data;
    for (std::size_t i = 0; i < storages.size(); ++i) {
        keys.push_back(text(std::to_string(i)));
        data += raw(storages[i].first) + storages[i].second;
    }
    return magic + pickle(number(1001)) + pickle(dict({{"little_endian", "\x88"}})) + pickle(value) +
           pickle(list(keys)) + data;
}

inline std::string floats(const std::vector<float>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

inline std::vector<std::byte> bytes_of(const std::string& file) {
    std::vector<std::byte> bytes(file.size());
    if (!file.empty()) std::memcpy(bytes.data(), file.data(), file.size());
    return bytes;
}

}  // namespace spectile::test::pickled
