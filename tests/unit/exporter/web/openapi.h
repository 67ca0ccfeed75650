// docs/openapi.yaml, and whether an answer is what it says: strict, so that a field that is missing here or
// there shows.
#pragma once

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "lib/base/file_system.h"
#include "lib/yaml/yaml.h"
#include "tests/support/paths.h"

namespace fleet::test {

class OpenApi {
 public:
  OpenApi() : source_("docs/openapi.yaml", ReadFile(test::SourcePath("docs/openapi.yaml")).value()) {
    Diagnostics diagnostics(source_);
    auto root = yaml::Parse(source_, diagnostics);
    REQUIRE(diagnostics.Render() == "");
    root_ = *std::move(root);
  }

  std::vector<std::string> Paths() const {
    std::vector<std::string> paths;
    for (const yaml::Entry& entry : At(root_, {"paths"})->entries) paths.push_back(*entry.key);
    return paths;
  }

  // Every way in which the answer is not what is described, as "path.to.field: why".
  std::vector<std::string> Check(const std::string& path, int status, const std::string& body) const {
    std::vector<std::string> wrong;
    const yaml::Node* const answer = At(root_, {"paths", path, "get", "responses", std::to_string(status)});
    if (answer == nullptr) return {path + ": no such answer"};
    const auto json = nlohmann::json::parse(body, nullptr, false);
    if (json.is_discarded()) return {path + ": no JSON"};
    CheckValue(*At(Resolve(*answer), {"content", "application/json", "schema"}), json, path, wrong);
    return wrong;
  }

  // The names of the query parameters of a path.
  std::vector<std::string> Parameters(const std::string& path) const {
    std::vector<std::string> names;
    const yaml::Node* const parameters = At(root_, {"paths", path, "get", "parameters"});
    if (parameters == nullptr) return names;
    for (const yaml::Node& item : parameters->items) names.push_back(At(Resolve(item), {"name"})->text);
    return names;
  }

 private:
  static const yaml::Node* At(const yaml::Node& node, const std::vector<std::string>& path) {
    const yaml::Node* at = &node;
    for (const std::string& key : path) {
      const yaml::Entry* const entry = at->Find(key);
      if (entry == nullptr) return nullptr;
      at = &entry->value;
    }
    return at;
  }

  // What "#/components/schemas/X" points at, or the node itself.
  const yaml::Node& Resolve(const yaml::Node& node) const {
    const yaml::Entry* const reference = node.Find("$ref");
    if (reference == nullptr) return node;
    const std::string& text = reference->value.text;
    const std::size_t first = text.find('/', 2);
    const std::size_t second = text.find('/', first + 1);
    const yaml::Node* const target =
        At(root_,
           {text.substr(2, first - 2), text.substr(first + 1, second - first - 1), text.substr(second + 1)});
    REQUIRE(target != nullptr);
    return *target;
  }

  static bool IsType(const std::string& type, const nlohmann::json& value) {
    if (type == "string") return value.is_string();
    if (type == "number") return value.is_number();
    if (type == "integer") return value.is_number_integer();
    if (type == "boolean") return value.is_boolean();
    if (type == "array") return value.is_array();
    return type == "object" && value.is_object();
  }

  void CheckValue(const yaml::Node& unresolved, const nlohmann::json& value, const std::string& where,
                  std::vector<std::string>& wrong) const {
    const yaml::Node& schema = Resolve(unresolved);
    const yaml::Node* const nullable = At(schema, {"nullable"});
    if (value.is_null() && nullable != nullptr && nullable->text == "true") return;
    const std::string type = At(schema, {"type"})->text;
    if (!IsType(type, value)) {
      wrong.push_back(where + ": must be " + type);
      return;
    }
    if (const yaml::Node* const values = At(schema, {"enum"})) {
      bool found = false;
      for (const yaml::Node& item : values->items) found = found || value == item.text;
      if (!found) wrong.push_back(where + ": not in its enum");
    }
    if (type == "array") {
      for (std::size_t i = 0; i < value.size(); ++i) {
        CheckValue(*At(schema, {"items"}), value[i], where + "[" + std::to_string(i) + "]", wrong);
      }
    }
    if (type == "object") CheckObject(schema, value, where, wrong);
  }

  void CheckObject(const yaml::Node& schema, const nlohmann::json& value, const std::string& where,
                   std::vector<std::string>& wrong) const {
    if (const yaml::Node* const required = At(schema, {"required"})) {
      for (const yaml::Node& name : required->items) {
        if (!value.contains(name.text)) wrong.push_back(where + "." + name.text + ": missing");
      }
    }
    const yaml::Node* const others = At(schema, {"additionalProperties"});
    for (const auto& [name, member] : value.items()) {
      const yaml::Node* const property = At(schema, {"properties", name});
      if (property != nullptr) {
        CheckValue(*property, member, where + "." + name, wrong);
      } else if (others != nullptr) {
        CheckValue(*others, member, where + "." + name, wrong);
      } else {
        wrong.push_back(where + "." + name + ": not described");
      }
    }
  }

  SourceText source_;
  yaml::Node root_;
};

}  // namespace fleet::test
