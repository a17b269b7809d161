#include "space/engine/T1.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace ptotune::engine {
namespace {

using Json = nlohmann::json;

Error wrong(std::string key, std::string message, std::string expected) {
  return Error{
      .message = std::move(message), .key = std::move(key), .expected = std::move(expected)};
}

// The member `name` of `object`, or null.
const Json* member(const Json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() ? &*found : nullptr;
}

Result<std::string> text(const Json& object, const char* name, const std::string& key) {
  const Json* found = member(object, name);
  if (!found || !found->is_string())
    return wrong(fmt::format("{}.{}", key, name), "a text is missing", "a text");
  return found->get<std::string>();
}

// Values as JSON, written as the Python list they stand for.
Result<std::string> listText(const Json& values, const std::string& key) {
  if (values.is_string())
    return values.get<std::string>();
  if (!values.is_array())
    return wrong(key, "the values are neither a text nor an array", "\"[1, 2, 4]\"");
  std::string list;
  for (const Json& value : values) {
    if (!value.is_number() && !value.is_boolean() && !value.is_string())
      return wrong(key, "a value is neither number nor text", "numbers, texts or booleans");
    const std::string item =
        value.is_boolean() ? (value.get<bool>() ? "True" : "False") : value.dump();
    list += fmt::format("{}{}", list.empty() ? "" : ", ", item);
  }
  return "[" + list + "]";
}

// Whether a T1 type admits such values. Published files call parameters 'int' whose values are
// fractions: any number will do for a number.
bool admits(std::string_view t1Type, Type type) {
  constexpr std::string_view numbers[] = {"int",     "uint",  "integer", "bool",
                                          "boolean", "float", "double",  "real"};
  return type != Type::text || std::ranges::find(numbers, t1Type) == std::end(numbers);
}

Status addParameter(Model& model, const Json& json, const std::string& key) {
  const auto name = text(json, "Name", key);
  if (!name)
    return name.error();
  const Json* values = member(json, "Values");
  if (!values)
    return wrong(key + ".Values", "the values are missing", "\"[1, 2, 4]\"");
  const auto list = listText(*values, key + ".Values");
  if (!list)
    return list.error();
  if (Status added = model.addList(*name, *list, key + ".Values"); !added)
    return added;
  const Json* type = member(json, "Type");
  if (type && type->is_string() &&
      !admits(type->get<std::string>(), model.parameters().back().type))
    return Error{.message =
                     fmt::format("{} has values that are no '{}'", *name, type->get<std::string>()),
                 .key = key + ".Values",
                 .value = *list,
                 .expected = "values of the parameter's Type"};
  return {};
}

Status addCondition(Model& model, const Json& json, const std::string& key) {
  const auto expression = text(json, "Expression", key);
  if (!expression)
    return expression.error();
  return model.addConstraint(*expression, key + ".Expression");
}

// Calls `add` for every entry of the array `name`.
template <typename Add>
Status each(Model& model, const Json& space, const char* name, bool required, Add add) {
  const std::string key = fmt::format("ConfigurationSpace.{}", name);
  const Json* entries = member(space, name);
  if (!entries && !required)
    return {};
  if (!entries || !entries->is_array() || (required && entries->empty()))
    return wrong(key, "the array is missing", required ? "a non-empty array" : "an array");
  for (std::size_t i = 0; i < entries->size(); ++i)
    if (Status added = add(model, (*entries)[i], fmt::format("{}[{}]", key, i)); !added)
      return added;
  return {};
}

} // namespace

Result<Model> parseT1(std::string_view source, const std::string& file) {
  const auto located = [&](Error error) {
    error.file = file;
    return error;
  };
  const Json json = Json::parse(source, nullptr, false);
  if (json.is_discarded())
    return located(wrong("", "no valid JSON", "a T1 search space"));
  const Json* space = member(json, "ConfigurationSpace");
  if (!space)
    return located(wrong("ConfigurationSpace", "the object is missing", "a T1 search space"));
  Model model;
  if (const Status added = each(model, *space, "TuningParameters", true, addParameter); !added)
    return located(added.error());
  if (const Status added = each(model, *space, "Conditions", false, addCondition); !added)
    return located(added.error());
  return model;
}

Result<Model> readT1(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream)
    return Error{.message = "cannot be read", .file = path, .expected = "a T1 JSON file"};
  const std::string source((std::istreambuf_iterator<char>(stream)),
                           std::istreambuf_iterator<char>());
  return parseT1(source, path);
}

} // namespace ptotune::engine
