#include <algorithm>

#include "pipeline/definition_schemas.hpp"
#include "pipeline/load.hpp"

namespace spectile {
namespace definition {

RulePtr rule_of(DefinitionKind kind) {
    switch (kind) {
        case DefinitionKind::pipeline:
            return pipeline_rule();
        case DefinitionKind::model:
            return model_rule();
        case DefinitionKind::training:
            break;
    }
    return training_rule();
}

namespace {

using Json = nlohmann::ordered_json;

class SchemaWriter {
public:
    /// `variables`: values that are not text may be written as `${NAME}`.
    explicit SchemaWriter(bool variables) : variables_(variables) {
        if (variables_)
            definitions_["variable"] =
                Json{{"type", "string"},
                     {"pattern", R"(\$\{[A-Za-z_][A-Za-z0-9_]*\})"},
                     {"description", "A variable, replaced before the value is looked at"}};
    }

    Json root(const Rule& rule) {
        Json schema =
            Json{{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", "spectile " + rule.name}};
        schema.update(map_schema(rule));
        schema["definitions"] = definitions_;
        return schema;
    }

private:
    Json schema_of(const Rule& rule) {
        switch (rule.form) {
            case Form::text:
                return text_schema(rule);
            case Form::whole:
                return or_variable(range_schema(rule, "integer"));
            case Form::number:
                return or_variable(range_schema(rule, "number"));
            case Form::boolean:
                return or_variable(Json{{"type", "boolean"}});
            case Form::list:
                return list_schema(rule);
            case Form::map:
                return rule.name.empty() ? map_schema(rule) : reference(rule);
            case Form::any:
                return Json::object();
            case Form::choice:
                break;
        }
        Json choices = Json::array();
        for (const auto& choice : rule.choices) {
            Json schema = schema_of(*choice);
            if (schema.size() == 1 && schema.contains("anyOf"))
                for (auto& inner : schema["anyOf"]) add_new(choices, inner);
            else
                add_new(choices, schema);
        }
        return Json{{"anyOf", choices}};
    }

    static void add_new(Json& list, const Json& schema) {
        if (std::find(list.begin(), list.end(), schema) == list.end()) list.push_back(schema);
    }

    Json or_variable(Json schema) const {
        if (!variables_) return schema;
        return Json{{"anyOf", Json::array({schema, Json{{"$ref", "#/definitions/variable"}}})}};
    }

    Json text_schema(const Rule& rule) const {
        Json schema{{"type", "string"}};
        if (!rule.allowed.empty()) {
            schema["enum"] = rule.allowed;
            return or_variable(schema);
        }
        schema["minLength"] = 1;
        if (rule.pattern.empty()) return schema;
        schema["pattern"] = "^" + rule.pattern + "$";
        return or_variable(schema);
    }

    static Json range_schema(const Rule& rule, const char* type) {
        Json schema{{"type", type}};
        const auto plain = [&](double value) {
            return rule.form == Form::whole ? Json(static_cast<std::int64_t>(value)) : Json(value);
        };
        if (rule.minimum) schema[rule.above_minimum ? "exclusiveMinimum" : "minimum"] = plain(*rule.minimum);
        if (rule.maximum) schema["maximum"] = plain(*rule.maximum);
        return schema;
    }

    Json list_schema(const Rule& rule) {
        Json schema{{"type", "array"}, {"items", schema_of(*rule.items)}};
        if (rule.least > 0) schema["minItems"] = rule.least;
        if (rule.most < Rule{}.most) schema["maxItems"] = rule.most;
        return schema;
    }

    Json reference(const Rule& rule) {
        std::string name = rule.name;
        std::replace(name.begin(), name.end(), ' ', '_');
        if (!definitions_.contains(name)) {
            definitions_[name] = nullptr;  // keeps its place, ahead of what it names itself
            Json schema = map_schema(rule);
            definitions_[name] = std::move(schema);
        }
        return Json{{"$ref", "#/definitions/" + name}};
    }

    /// A reference's neighbours are ignored in draft-07, hence the one-member allOf.
    Json described(const Key& key) {
        Json schema = schema_of(*key.rule);
        Json made{{"description", key.doc + (key.unit.empty() ? "" : " [" + key.unit + "]")}};
        if (!key.fallback.is_null()) made["default"] = key.fallback;
        if (schema.contains("$ref"))
            made["allOf"] = Json::array({schema});
        else
            for (auto& [name, value] : schema.items()) made[name] = value;
        return made;
    }

    Json map_schema(const Rule& rule) {
        Json schema{{"type", "object"}};
        if (!rule.doc.empty()) schema["description"] = rule.doc;
        Json required = Json::array();
        for (const auto& key : rule.keys) {
            schema["properties"][key.name] = described(key);
            if (key.required) required.push_back(key.name);
        }
        if (!required.empty()) schema["required"] = required;
        for (const auto& key : rule.exactly_one)
            schema["oneOf"].push_back(Json{{"required", Json::array({key})}});
        schema["additionalProperties"] = rule.others ? schema_of(*rule.others) : Json(false);
        if (rule.least > 0) schema["minProperties"] = rule.least;
        if (rule.most < Rule{}.most) schema["maxProperties"] = rule.most;
        return schema;
    }

    bool variables_;
    Json definitions_ = Json::object();
};

}  // namespace
}  // namespace definition

std::string schema_json(DefinitionKind kind) {
    definition::SchemaWriter writer(kind != DefinitionKind::model);
    return writer.root(*definition::rule_of(kind)).dump(2) + "\n";
}

}  // namespace spectile
