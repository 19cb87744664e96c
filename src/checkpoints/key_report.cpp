#include "checkpoints/key_report.hpp"

#include <algorithm>

#include "spectile/error.hpp"

namespace spectile::checkpoints {
namespace {

bool is_float(weights::ElementType type) { return type_read(type) == weights::ElementType::F32; }

std::string form_text(const TensorRecord& tensor) {
    return std::string(weights::name_of(tensor.type)) + " " + weights::shape_text(tensor.shape);
}

std::string list_of(const std::vector<std::string>& names, std::size_t shown) {
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), shown); ++i) text += (i ? ", " : "") + names[i];
    return names.size() > shown ? text + " and " + std::to_string(names.size() - shown) + " more" : text;
}

/// "missing: a, b; unexpected: c", with at most `shown` keys of each.
std::string faults_text(const KeyReport& report, const Allowed& allowed, std::size_t shown) {
    std::vector<std::string> misshapen;
    for (const auto& misfit : report.misshapen)
        misshapen.push_back(misfit.key + " is " + misfit.found + ", not " + misfit.expected);
    std::string text;
    const auto add = [&](const char* what, const std::vector<std::string>& names) {
        if (!names.empty() && !allowed.contains(what))
            text += (text.empty() ? "" : "; ") + std::string(what) + ": " + list_of(names, shown);
    };
    add("missing", report.missing);
    add("unexpected", report.unexpected);
    add("misshapen", misshapen);
    return text;
}

}  // namespace

KeyReport compare_keys(const Checkpoint& checkpoint, const ExpectedWeights& expected) {
    KeyReport report;
    std::set<std::string> wanted;
    for (const auto& [name, shape] : expected.tensors) {
        wanted.insert(name);
        const auto tensor = checkpoint.tensors().find(name);
        const auto other = checkpoint.others().find(name);
        if (other != checkpoint.others().end())
            report.misshapen.push_back({name, other->second, weights::shape_text(shape)});
        else if (tensor == checkpoint.tensors().end())
            report.missing.push_back(name);
        else if (tensor->second.shape != shape || !is_float(tensor->second.type))
            report.misshapen.push_back({name, form_text(tensor->second), weights::shape_text(shape)});
        else
            report.taken.push_back(name);
    }
    for (const auto& key : checkpoint.keys()) {
        if (wanted.contains(key)) continue;
        const bool unread = expected.is_unread && expected.is_unread(key);
        (unread ? report.left_out : report.unexpected).push_back(key);
    }
    return report;
}

void require_fit(const Checkpoint& checkpoint, const KeyReport& report, const Allowed& allowed) {
    constexpr std::size_t kShown = 6;
    const std::string faults = faults_text(report, allowed, kShown);
    if (faults.empty()) return;
    throw Error(Code::model, checkpoint.name() + ": does not fit the network; " + faults,
                faults_text(report, allowed, report.missing.size() + checkpoint.keys().size()));
}

}  // namespace spectile::checkpoints
