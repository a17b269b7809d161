#include "space/Space.h"

#include "space/PointSet.h"
#include "space/Toml.h"

#include <fmt/format.h>

#include <algorithm>

namespace ptotune {
namespace {

constexpr Param kDepths[] = {Param::slotNumQK, Param::slotNumP, Param::slotNumPV};

Domain& domainOf(Space& space, Param param) {
  return space.domains[static_cast<std::size_t>(param)];
}

// Numbers that make no sense for a parameter whatever the problem is.
std::int64_t leastValue(Param param) {
  return param == Param::unitFlag ? 0 : 1;
}

std::int64_t mostValue(Param param) {
  switch (param) {
  case Param::unitFlag:
    return 1;
  case Param::tileS1:
  case Param::cubeS1:
  case Param::cubeS0:
    return 1 << 20;
  default:
    return 64;
  }
}

// Reads `key` into a list of values of `param`.
std::vector<std::int64_t> readValues(TomlTable& table, std::string_view key, Param param) {
  std::vector<std::int64_t> values;
  const toml::node* node = table.node(key);
  const toml::array* array = node ? node->as_array() : nullptr;
  if (!array || array->empty()) {
    table.fail(key, "wrong type", node ? tomlText(*node) : "", "a non-empty array of values");
    return values;
  }
  for (const toml::node& item : *array) {
    auto value = parseValue(param, tomlText(item));
    const bool named = !info(param).names.empty();
    if (!value || (!named && (*value < leastValue(param) || *value > mostValue(param)))) {
      table.fail(key, "value out of domain", tomlText(item),
                 named
                     ? fmt::format("{}", fmt::join(info(param).names, ", "))
                     : fmt::format("integers from {} to {}", leastValue(param), mostValue(param)));
      return values;
    }
    if (std::ranges::find(values, *value) != values.end()) {
      table.fail(key, "value given twice", tomlText(item), "each value once");
      return values;
    }
    values.push_back(*value);
  }
  return values;
}

// "SlotNum" opens the QK depth and lets the other two follow it.
void readDepths(TomlTable& table, Space& space) {
  const bool one = table.has("SlotNum");
  for (const Param depth : kDepths)
    if (one == table.has(info(depth).name)) {
      table.fail(one ? "SlotNum" : info(depth).name,
                 one ? "SlotNum and per-pipe depths are both given" : "the ring depth is missing",
                 "", "either SlotNum, or all of SlotNumQK, SlotNumP, SlotNumPV");
      return;
    }
  if (!one) {
    for (const Param depth : kDepths)
      domainOf(space, depth).values = readValues(table, info(depth).name, depth);
    return;
  }
  domainOf(space, Param::slotNumQK).values = readValues(table, "SlotNum", Param::slotNumQK);
  for (const Param depth : {Param::slotNumP, Param::slotNumPV}) {
    domainOf(space, depth).derived = true;
    domainOf(space, depth).follows = Param::slotNumQK;
  }
}

void readParameter(TomlTable& table, Space& space, const ParamInfo& param) {
  Domain& domain = domainOf(space, param.id);
  const toml::node* node = table.node(param.name);
  if (!node) {
    table.fail(param.name, "a parameter has no domain", "", "a list of values", "add it");
    return;
  }
  if (!node->is_string()) {
    domain.values = readValues(table, param.name, param.id);
    return;
  }
  const std::string target = node->as_string()->get();
  const ParamInfo* followed =
      findParam(target == "SlotNum" ? info(Param::slotNumQK).name : std::string_view(target));
  if (!followed || followed->id == param.id || domainOf(space, followed->id).derived ||
      !followed->names.empty()) {
    table.fail(param.name, "cannot follow this parameter", target,
               "a list of values, or the name of a numeric parameter that has one");
    return;
  }
  domain.derived = true;
  domain.follows = followed->id;
}

void readConstraints(TomlTable& root, Space& space) {
  constexpr const char* kKey = "constraints";
  const toml::node* node = root.node(kKey);
  if (!node)
    return;
  const toml::array* array = node->as_array();
  if (!array) {
    root.fail(kKey, "wrong type", tomlText(*node), "an array of expressions in quotes");
    return;
  }
  for (const toml::node& item : *array) {
    const auto* text = item.as_string();
    if (!text) {
      root.fail(kKey, "bad item in an array", tomlText(item), "expressions in quotes");
      return;
    }
    space.constraints.push_back({text->get(), static_cast<int>(item.source().begin.line)});
  }
}

} // namespace

std::uint64_t Space::rawSize() const {
  std::uint64_t size = 1;
  for (const Domain& domain : domains)
    if (!domain.derived)
      size *= domain.values.size();
  return size;
}

Status Space::contains(const Point& point) const {
  for (const ParamInfo& param : allParams()) {
    const Domain& own = domain(param.id);
    const std::int64_t value = point[param.id];
    const bool inside = own.derived ? value == point[own.follows]
                                    : std::ranges::find(own.values, value) != own.values.end();
    if (inside)
      continue;
    std::string expected;
    if (own.derived) {
      expected = fmt::format("the value of {}", info(own.follows).name);
    } else {
      for (const std::int64_t allowed : own.values)
        expected += fmt::format("{}{}", expected.empty() ? "" : ", ", valueText(param.id, allowed));
    }
    return Error{.message = fmt::format("value out of the domain of space '{}'", name),
                 .key = std::string(param.name),
                 .value = valueText(param.id, value),
                 .expected = std::move(expected)};
  }
  return {};
}

Result<Space> loadSpace(const std::string& path) {
  auto opened = TomlTable::open(path);
  if (!opened)
    return opened.error();
  TomlTable& root = *opened;
  Space space;
  space.path = path;
  space.name = root.text("name");
  space.family = root.oneOf("family", {"fa"});
  TomlTable parameters = root.table("parameters");
  for (const std::string& key : parameters.keys())
    if (key != "SlotNum" && !findParam(key)) {
      std::string known = "SlotNum";
      for (const ParamInfo& param : allParams())
        known += fmt::format(", {}", param.name);
      parameters.fail(key, "unknown parameter", "", known, "remove it or mend its spelling");
    }
  readDepths(parameters, space);
  for (const ParamInfo& param : allParams())
    if (std::ranges::find(kDepths, param.id) == std::end(kDepths))
      readParameter(parameters, space, param);
  if (root.status().ok())
    parameters.node("SlotNum");
  readConstraints(root, space);
  root.finish();
  if (auto status = root.status(); !status)
    return status.error();
  if (auto status = parseConstraints(space); !status)
    return status.error();
  return space;
}

} // namespace ptotune
