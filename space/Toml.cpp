#include "space/Toml.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace ptotune {
namespace {

const toml::table kEmpty;

// Parts of a derived file's table stand in other files.
std::string fileOf(const toml::node* node, const std::string& otherwise) {
  const toml::source_path_ptr& path = node->source().path;
  return path ? *path : otherwise;
}

int lineOf(const toml::node* node) {
  return node ? static_cast<int>(node->source().begin.line) : 0;
}

} // namespace

std::string tomlText(const toml::node& node) {
  if (const auto* string = node.as_string())
    return string->get();
  std::ostringstream text;
  node.visit([&](const auto& value) {
    if constexpr (toml::is_value<decltype(value)>)
      text << value;
    else
      text << (node.is_table() ? "a table" : "an array");
  });
  return text.str();
}

Result<TomlTable> TomlTable::open(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream content;
  if (stream)
    content << stream.rdbuf();
  if (!stream || stream.bad())
    return Error{.message = "cannot read the file", .file = path, .advice = "check the path"};
  return parse(content.str(), path);
}

Result<TomlTable> TomlTable::parse(std::string_view text, const std::string& file) {
  try {
    auto state = std::make_shared<State>();
    state->root = toml::parse(text, file);
    state->file = file;
    const toml::table* root = &state->root;
    return TomlTable(std::move(state), root, "");
  } catch (const toml::parse_error& error) {
    return Error{.message = "malformed TOML: " + std::string(error.description()),
                 .file = file,
                 .line = static_cast<int>(error.source().begin.line),
                 .advice = "mend the file near that line"};
  }
}

std::string TomlTable::print() const {
  std::ostringstream text;
  text << state_->root;
  return text.str();
}

namespace {

// A chain of files longer than this names itself.
constexpr int kLongestChain = 8;

// Nodes are moved: a copy forgets the line it stands on.
void replace(toml::table& base, toml::table& own) {
  for (auto&& [key, value] : own) {
    toml::table* below = base[key].as_table();
    toml::table* with = value.as_table();
    if (below != nullptr && with != nullptr && !with->contains("value"))
      replace(*below, *with);
    else
      value.visit([&](auto& node) { base.insert_or_assign(key, std::move(node)); });
  }
}

} // namespace

Result<TomlTable> TomlTable::openDerived(const std::string& path) {
  auto opened = open(path);
  for (std::string file = path; opened && opened->has("derived_from");) {
    const std::string name = opened->text("derived_from");
    if (auto status = opened->status(); !status)
      return status.error();
    file = (std::filesystem::path(file).parent_path() / name).lexically_normal().string();
    auto base = open(file);
    if (!base)
      return base.error();
    toml::table own = std::move(opened->state_->root);
    own.erase("derived_from");
    State& merged = *base->state_;
    merged.file = path;
    merged.chain = opened->state_->chain + 1;
    if (merged.chain > kLongestChain)
      return Error{.message = "the file is derived from itself",
                   .file = path,
                   .key = "derived_from",
                   .value = name,
                   .expected = "a file that stands on its own"};
    replace(merged.root, own);
    opened = std::move(base);
  }
  return opened;
}

std::string TomlTable::path(std::string_view key) const {
  return prefix_.empty() ? std::string(key) : fmt::format("{}.{}", prefix_, key);
}

void TomlTable::fail(std::string_view key, std::string message, std::string value,
                     std::string expected, std::string advice) {
  if (state_->error)
    return;
  const toml::node* node = table_->get(key);
  state_->error = Error{.message = std::move(message),
                        .file = fileOf(node ? node : table_, state_->file),
                        .line = node ? lineOf(node) : lineOf(table_),
                        .key = path(key),
                        .value = std::move(value),
                        .expected = std::move(expected),
                        .advice = std::move(advice)};
}

const toml::node* TomlTable::find(std::string_view key, bool required) {
  read_.emplace_back(key);
  const toml::node* node = table_->get(key);
  if (!node && required)
    fail(key, "a required key is missing", "", "", "add it");
  return node;
}

std::vector<std::string> TomlTable::keys() const {
  std::vector<std::string> keys;
  for (const auto& [key, node] : *table_)
    keys.emplace_back(key.str());
  return keys;
}

const toml::node* TomlTable::node(std::string_view key) {
  return find(key, false);
}

std::string TomlTable::text(std::string_view key, std::string fallback) {
  const toml::node* node = find(key, false);
  if (!node)
    return fallback;
  if (const auto* value = node->as_string())
    return value->get();
  fail(key, "wrong type", tomlText(*node), "a string");
  return fallback;
}

std::string TomlTable::text(std::string_view key) {
  return find(key, true) ? text(key, "") : std::string();
}

std::string TomlTable::oneOf(std::string_view key,
                             std::initializer_list<std::string_view> allowed) {
  const std::string value = text(key);
  if (!state_->error && std::ranges::find(allowed, value) == allowed.end())
    fail(key, "unknown value", value, fmt::format("{}", fmt::join(allowed, " or ")));
  return value;
}

std::int64_t TomlTable::integer(std::string_view key, std::int64_t least, std::int64_t most) {
  const toml::node* node = find(key, true);
  if (!node)
    return 0;
  const auto* value = node->as_integer();
  if (!value || value->get() < least || value->get() > most) {
    fail(key, value ? "value out of range" : "wrong type", tomlText(*node),
         most == std::numeric_limits<std::int64_t>::max()
             ? fmt::format("an integer of at least {}", least)
             : fmt::format("an integer from {} to {}", least, most));
    return 0;
  }
  return value->get();
}

bool TomlTable::boolean(std::string_view key, bool fallback) {
  const toml::node* node = find(key, false);
  if (!node)
    return fallback;
  if (const auto* value = node->as_boolean())
    return value->get();
  fail(key, "wrong type", tomlText(*node), "true or false");
  return fallback;
}

std::vector<std::int64_t> TomlTable::integers(std::string_view key, std::int64_t least) {
  const toml::node* node = find(key, true);
  std::vector<std::int64_t> values;
  const toml::array* array = node ? node->as_array() : nullptr;
  if (node && (!array || array->empty()))
    fail(key, "wrong type", tomlText(*node), "a non-empty array of integers");
  if (!array)
    return values;
  for (const toml::node& item : *array) {
    const auto* value = item.as_integer();
    if (!value || value->get() < least) {
      fail(key, "bad item in an array", tomlText(item),
           fmt::format("integers of at least {}", least));
      return values;
    }
    values.push_back(value->get());
  }
  return values;
}

double TomlTable::figure(std::string_view key, std::string_view unit, double least, double most) {
  const toml::node* node = find(key, true);
  if (!node)
    return 0;
  const toml::table* parts = node->as_table();
  const auto value = parts ? (*parts)["value"].value<double>() : std::nullopt;
  const auto givenUnit = parts ? (*parts)["unit"].value<std::string>() : std::nullopt;
  const auto source = parts ? (*parts)["source"].value<std::string>() : std::nullopt;
  const std::string shape =
      fmt::format("{{ value = <number>, unit = \"{}\", source = \"...\" }}", unit);
  if (!value || !givenUnit || !source || parts->size() != 3 || source->empty()) {
    fail(key, "a figure needs a value, a unit and a source", "", shape);
    return 0;
  }
  if (*givenUnit != unit) {
    fail(key, "wrong unit", *givenUnit, fmt::format("\"{}\"", unit));
    return 0;
  }
  if (!(*value >= least && *value <= most)) {
    fail(key, "figure out of range", fmt::format("{}", *value),
         std::isinf(most) ? fmt::format("at least {}", least)
                          : fmt::format("from {} to {}", least, most));
    return 0;
  }
  state_->sources[path(key)] = *source;
  return *value;
}

std::int64_t TomlTable::wholeFigure(std::string_view key, std::string_view unit,
                                    std::int64_t least) {
  const double value = figure(key, unit, static_cast<double>(least), 9e15);
  if (value != std::floor(value))
    fail(key, "a whole number is needed", fmt::format("{}", value), "an integer");
  return static_cast<std::int64_t>(value);
}

TomlTable TomlTable::table(std::string_view key) {
  const toml::node* node = find(key, true);
  const toml::table* table = node ? node->as_table() : nullptr;
  if (node && !table)
    fail(key, "wrong type", tomlText(*node), "a table");
  return {state_, table ? table : &kEmpty, path(key)};
}

std::vector<TomlTable> TomlTable::tables(std::string_view key) {
  const toml::node* node = find(key, false);
  std::vector<TomlTable> result;
  if (!node)
    return result;
  const toml::array* array = node->as_array();
  if (!array) {
    fail(key, "wrong type", tomlText(*node), "an array of tables");
    return result;
  }
  for (const toml::node& item : *array) {
    if (!item.is_table()) {
      fail(key, "bad item in an array", tomlText(item), "a table");
      return result;
    }
    result.push_back({state_, item.as_table(), fmt::format("{}[{}]", path(key), result.size())});
  }
  return result;
}

void TomlTable::finish() {
  for (const auto& [key, node] : *table_) {
    if (std::ranges::find(read_, key.str()) != read_.end())
      continue;
    std::ranges::sort(read_);
    const auto last = std::ranges::unique(read_).begin();
    fail(key.str(), "unknown key", "", fmt::format("{}", fmt::join(read_.begin(), last, ", ")),
         "remove it or mend its spelling");
    return;
  }
}

Status TomlTable::status() const {
  return state_->error ? Status(*state_->error) : Status();
}

} // namespace ptotune
