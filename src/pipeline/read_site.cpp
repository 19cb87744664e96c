#include "pipeline/load.hpp"
#include "pipeline/rule.hpp"
#include "pipeline/shared_readers.hpp"
#include "pipeline/site.hpp"
#include "pipeline/yaml_text.hpp"

namespace spectile {
namespace {

using definition::Document;
using definition::Key;
using definition::RulePtr;
using definition::Value;

Key plain(const char* name, const char* doc) {
    return {.name = name, .rule = definition::text(), .doc = doc};
}

Key lines(const char* name, const char* doc) {
    return {.name = name, .rule = definition::list_of(definition::text()), .doc = doc};
}

RulePtr site_rule() {
    const auto time = definition::text_like("a time as Slurm writes it, as 04:00:00 or 1-12:00:00",
                                            "([0-9]+-)?[0-9]{1,3}:[0-9]{2}:[0-9]{2}");
    return definition::map_of(
        "site", "A cluster, for spectile submit.",
        {definition::version_key(),
         plain("program", "The program's name or path"),
         plain("container", "Image that holds the program"),
         plain("launcher", "What starts a command in the image under Slurm"),
         plain("scratch", "Node-local folder for temporary files"),
         {.name = "time", .rule = time, .doc = "Time of a shard where nothing was measured"},
         {.name = "throttle", .rule = definition::whole(1, 1000000), .doc = "Most shards at once"},
         plain("partition", "Slurm partition"),
         plain("account", "Slurm account"),
         plain("qos", "Slurm quality of service"),
         lines("modules", "Modules to load"),
         lines("options", "Further options of sbatch"),
         lines("setup", "Shell lines before the program"),
         plain("namespace", "Kubernetes namespace"),
         plain("claim", "Kubernetes volume claim"),
         plain("mount", "Where pods see the claim"),
         plain("storage", "Size of a claim to be made, as 100Gi"),
         plain("storage_class", "Kubernetes storage class of that claim")});
}

std::vector<std::string> lines_of(const Value& root, const char* key) {
    std::vector<std::string> out;
    if (const Value* list = root.find(key))
        for (const auto& item : list->items) out.push_back(item.text);
    return out;
}

}  // namespace

Site read_site(const std::string& file) {
    const Document document = definition::load(file, {}, *site_rule(), Code::definition);
    const Value& root = document.root;
    const auto text = [&](const char* key, const std::string& fallback = {}) {
        return definition::text_or(root, key, fallback);
    };
    Site site;
    site.program = text("program", site.program);
    site.container = text("container");
    site.launcher = text("launcher", site.launcher);
    site.scratch = text("scratch");
    site.time = text("time");
    site.throttle = static_cast<int>(definition::whole_or(root, "throttle", 0));
    site.partition = text("partition");
    site.account = text("account");
    site.qos = text("qos");
    site.modules = lines_of(root, "modules");
    site.options = lines_of(root, "options");
    site.setup = lines_of(root, "setup");
    site.name_space = text("namespace");
    site.claim = text("claim");
    site.mount = text("mount");
    site.storage = text("storage");
    site.storage_class = text("storage_class");
    return site;
}

}  // namespace spectile
