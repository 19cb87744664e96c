#include "pipeline/yaml_text.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <unordered_set>

#include "pipeline/message_text.hpp"

namespace spectile::definition {
namespace {

constexpr std::size_t kDeepest = 64;
constexpr std::size_t kMostNodes = 1'000'000;

std::size_t nodes_in(const Value& value) {
    std::size_t count = 1;
    for (const auto& item : value.items) count += nodes_in(item);
    for (const auto& entry : value.entries) count += nodes_in(entry.value);
    return count;
}

/// Builds the tree from the parser's events. Aliases become copies, counted against the node limit.
class Builder : public YAML::EventHandler {
public:
    Builder(const std::string& name, Code code) : name_(name), code_(code) {}

    Value root;
    bool finished = false;

    void OnDocumentStart(const YAML::Mark&) override { finished = false; }
    void OnDocumentEnd() override { finished = true; }
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        Value value = fresh(mark);
        place(std::move(value), anchor);
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto known = anchors_.find(anchor);
        if (known == anchors_.end()) fail(mark.line + 1, "an alias stands inside what it repeats");
        count(nodes_in(known->second), mark.line + 1);
        Value value = known->second;
        if (value.is_map() || value.is_list()) value.line = mark.line + 1;
        place(std::move(value), 0);
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& text) override {
        Value value = fresh(mark);
        value.kind = Value::Kind::scalar;
        value.text = text;
        value.quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
        check_tag(tag, value.line);
        place(std::move(value), anchor);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(mark, tag, anchor, Value::Kind::list);
    }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(mark, tag, anchor, Value::Kind::map);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapEnd() override { close(); }

private:
    struct Open {
        Value value;
        YAML::anchor_t anchor = 0;
        bool has_key = false;
        Entry pending;
        std::unordered_set<std::string> keys;
    };

    [[noreturn]] void fail(int line, const std::string& message) const {
        throw Error(code_, name_ + ":" + std::to_string(line) + ": " + on_one_line(message));
    }
    void count(std::size_t more, int line) {
        nodes_ += more;
        if (nodes_ > kMostNodes) fail(line, "more than a million values; shorten the file or its aliases");
    }
    Value fresh(const YAML::Mark& mark) {
        Value value;
        value.line = mark.line + 1;
        count(1, value.line);
        return value;
    }
    void check_tag(const std::string& tag, int line) const {
        if (tag.empty() || tag == "?" || tag == "!" || tag.starts_with("tag:yaml.org,2002:")) return;
        fail(line, "tag '" + tag + "' is not supported; remove it");
    }
    void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Value::Kind kind) {
        Value value = fresh(mark);
        value.kind = kind;
        check_tag(tag, value.line);
        if (open_.size() >= kDeepest) fail(value.line, "nested deeper than 64 levels");
        if (!open_.empty() && open_.back().value.is_map() && !open_.back().has_key)
            fail(value.line, "a key must be text, not a list or map");
        Open frame;
        frame.value = std::move(value);
        frame.anchor = anchor;
        open_.push_back(std::move(frame));
    }
    void close() {
        Open done = std::move(open_.back());
        open_.pop_back();
        place(std::move(done.value), done.anchor);
    }
    void place(Value value, YAML::anchor_t anchor) {
        if (anchor != 0) {
            count(nodes_in(value), value.line);
            anchors_[anchor] = value;
        }
        if (open_.empty()) {
            root = std::move(value);
            return;
        }
        Open& parent = open_.back();
        if (parent.value.is_list()) {
            parent.value.items.push_back(std::move(value));
        } else if (!parent.has_key) {
            take_key(parent, std::move(value));
        } else {
            parent.pending.value = std::move(value);
            parent.value.entries.push_back(std::move(parent.pending));
            parent.pending = {};
            parent.has_key = false;
        }
    }
    void take_key(Open& parent, Value key) {
        if (!key.is_scalar()) fail(key.line, "a key must be text");
        if (!parent.keys.insert(key.text).second)
            fail(key.line, "key " + shown(key) + " is given twice; remove one of them");
        parent.has_key = true;
        parent.pending.key = std::move(key.text);
        parent.pending.line = key.line;
    }

    const std::string& name_;
    Code code_;
    std::size_t nodes_ = 0;
    std::vector<Open> open_;
    std::map<YAML::anchor_t, Value> anchors_;
};

/// Whether bytes [at, at + length) are one UTF-8 character; 0 where they are not.
std::size_t character_length(const std::string& text, std::size_t at) {
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
    };
    const unsigned first = byte(at);
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(at + i) & 0xC0) != 0x80) return 0;
    const unsigned second = byte(at + 1);
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
        (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F))
        return 0;
    return length;
}

}  // namespace

std::string read_text(const std::string& file, Code code) {
    namespace fs = std::filesystem;
    std::error_code problem;
    const auto status = fs::status(file, problem);
    if (status.type() == fs::file_type::not_found) throw Error(Code::missing, file + ": no such file");
    if (problem) throw Error(Code::permission, file + ": cannot be looked at", problem.message());
    if (status.type() != fs::file_type::regular)
        throw Error(code, file + ": is not a regular file; name the YAML file itself");
    const auto size = fs::file_size(file, problem);
    if (problem) throw Error(Code::read, file + ": cannot be read", problem.message());
    if (size > kLargestFile)
        throw Error(code, file + ": larger than 16 MiB; definitions are text of a few pages");
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        const auto reason = errno;
        throw Error(reason == EACCES ? Code::permission : Code::read, file + ": cannot be opened for reading",
                    std::generic_category().message(reason));
    }
    std::string text(size, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(size));
    if (stream.bad()) throw Error(Code::read, file + ": cannot be read");
    text.resize(static_cast<std::size_t>(stream.gcount()));
    return text;
}

void require_plain_text(const std::string& text, const std::string& name, Code code) {
    int line = 1;
    for (std::size_t at = 0; at < text.size();) {
        const auto length = character_length(text, at);
        const auto byte = static_cast<unsigned char>(text[at]);
        const bool control = (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r');
        if (length == 0 || control)
            throw Error(code, name + ":" + std::to_string(line) +
                                  (control ? ": holds a control character; it must be plain text"
                                           : ": is not UTF-8 text; save it as UTF-8"));
        if (byte == '\n') ++line;
        at += length;
    }
}

Value parse_yaml(const std::string& text, const std::string& full_name, Code code) {
    const std::string name = on_one_line(full_name);
    require_plain_text(text, name, code);
    Builder builder(name, code);
    try {
        std::istringstream stream(text);
        YAML::Parser parser(stream);
        if (!parser.HandleNextDocument(builder)) return {};
        Builder second(name, code);
        if (parser.HandleNextDocument(second) && !second.root.is_null())
            throw Error(code, name + ":" + std::to_string(second.root.line) +
                                  ": a second document begins here; one file holds one definition");
    } catch (const YAML::Exception& problem) {
        const int line = problem.mark.is_null() ? 1 : problem.mark.line + 1;
        throw Error(code, on_one_line(name + ":" + std::to_string(line) + ": not valid YAML: " + problem.msg),
                    problem.what());
    }
    return std::move(builder.root);
}

}  // namespace spectile::definition
