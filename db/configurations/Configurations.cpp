// The entries of the header as JSON, TOML and CMake.
#include "db/configurations/Header.h"
#include "db/configurations/HeaderParts.h"
#include "db/configurations/HeaderText.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <toml++/toml.h>

#include <sstream>

namespace ptotune {
namespace {

using Json = nlohmann::json; // keys are sorted

constexpr int kVersion = 1; // of the format; db/FORMAT.md

Json environmentJson(const Environment& environment) {
  return {{"id", environment.hash().hex()},
          {"soc", environment.soc},
          {"soc_hash", header::hexOrNothing(environment.socHash)},
          {"cores", environment.cores},
          {"frequency", environment.frequency},
          {"runner", environment.runner},
          {"runner_version", environment.runnerVersion},
          {"toolchain", environment.toolchain},
          {"pto_isa_hash", environment.isaHash},
          {"tool_version", environment.toolVersion}};
}

// Keys of what is not known are left out.
Json entryJson(const HeaderEntry& entry) {
  const Champion& champion = entry.champion;
  Json object = {{"soc", champion.environment.soc},
                 {"problem", Json::parse(champion.problem.json())},
                 {"point", Json::parse(champion.point.json())},
                 {"seconds", champion.seconds},
                 {"samples", champion.samples},
                 {"trials", champion.trialCount()},
                 {"ties", champion.ties},
                 {"costs", champion.calibrated ? "calibrated" : "extrapolated"},
                 {"environment", champion.environment.hash().hex()},
                 {"source_hash", header::hexOrNothing(champion.sourceHash)},
                 {"program_hash", header::hexOrNothing(champion.programHash)}};
  if (entry.defaultSeconds)
    object["default_seconds"] = *entry.defaultSeconds;
  if (entry.manual)
    object["manual"] = {{"point", Json::parse(entry.manual->point.json())},
                        {"seconds", entry.manual->seconds}};
  if (entry.interval.high > 0)
    object["interval"] = {{"low", entry.interval.low}, {"high", entry.interval.high}};
  if (const auto& proof = champion.proof)
    object["proof"] = {{"bound", proof->bound},
                       {"gap", champion.gap().value_or(0)},
                       {"space", proof->spaceName},
                       {"space_hash", proof->space.hex()},
                       {"points", proof->points}};
  if (entry.reach != Reach())
    object["reach"] = {{"s0", entry.reach.maxS0}, {"tiles", entry.reach.maxTiles}};
  return object;
}

Json configurationsJson(const HeaderInput& input) {
  const std::vector<HeaderEntry> entries = inHeaderOrder(input.entries);
  Json object = {
      {"format", "pto-tune configurations"}, {"version", kVersion},
      {"tool_version", input.toolVersion},   {"default", Json::parse(input.fallback.json())},
      {"environments", Json::array()},       {"entries", Json::array()}};
  for (const Environment& environment : environmentsOf(entries))
    object["environments"].push_back(environmentJson(environment));
  for (const HeaderEntry& entry : entries)
    object["entries"].push_back(entryJson(entry));
  return object;
}

toml::table tomlOf(const Json& object);

toml::array tomlArray(const Json& list) {
  toml::array array;
  for (const Json& item : list)
    array.push_back(tomlOf(item));
  return array;
}

toml::table tomlOf(const Json& object) {
  toml::table table;
  for (const auto& [key, value] : object.items()) {
    if (value.is_object())
      table.insert(key, tomlOf(value));
    else if (value.is_array())
      table.insert(key, tomlArray(value));
    else if (value.is_string())
      table.insert(key, value.get<std::string>());
    else if (value.is_boolean())
      table.insert(key, value.get<bool>());
    else if (value.is_number_integer())
      table.insert(key, value.get<std::int64_t>());
    else
      table.insert(key, value.get<double>());
  }
  return table;
}

// A bracket argument: nothing in it is special. Its delimiter does not occur in the text.
std::string cmakeText(const std::string& text) {
  std::string level;
  while (text.find("]" + level + "]") != std::string::npos || text.ends_with("]" + level))
    level += '=';
  return fmt::format("[{}[{}]{}]", level, text, level);
}

std::string cmakeValue(const Json& value) {
  return value.is_string() ? cmakeText(value.get<std::string>()) : value.dump();
}

std::string cmakeName(std::string_view text) {
  std::string name;
  for (const char c : text)
    name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name;
}

// set() for every value below `object`, its keys joined by "_".
std::string cmakeVariables(const std::string& prefix, const Json& object) {
  std::string text;
  for (const auto& [key, value] : object.items())
    if (value.is_object())
      text += cmakeVariables(
          key == "problem" || key == "point" ? prefix : fmt::format("{}_{}", prefix, key), value);
    else
      text += fmt::format("set({}_{} {})\n", prefix, key, cmakeValue(value));
  return text;
}

std::string entryName(const HeaderEntry& entry) {
  const Problem& problem = entry.champion.problem;
  return fmt::format("{}_h{}_s{}_s{}{}", cmakeName(entry.champion.environment.soc), problem.head,
                     problem.s0, problem.s1, problem.causal ? "_causal" : "");
}

} // namespace

std::string renderConfigurationsJson(const HeaderInput& input) {
  return configurationsJson(input).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string renderConfigurationsToml(const HeaderInput& input) {
  std::ostringstream text;
  text << "# Tuned configurations. Generated by pto-tune " << inComment(input.toolVersion)
       << "; do not edit.\n"
       << tomlOf(configurationsJson(input)) << "\n";
  return text.str();
}

std::string renderConfigurationsCmake(const HeaderInput& input) {
  const Json all = configurationsJson(input);
  std::string text =
      fmt::format("# Tuned configurations. Generated by pto-tune {}; do not edit.\n"
                  "# PTO_TUNE_ENTRIES names the entries; PTO_TUNE_<entry>_<key> is a "
                  "value of one.\n\n",
                  inComment(input.toolVersion));
  std::string names;
  std::string values;
  const std::vector<HeaderEntry> entries = inHeaderOrder(input.entries);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::string name = entryName(entries[i]);
    names += "\n    " + name;
    values += "\n" + cmakeVariables("PTO_TUNE_" + name, all["entries"][i]);
  }
  text += fmt::format("set(PTO_TUNE_ENTRIES{})\n\n", names);
  text += cmakeVariables("PTO_TUNE_default", all["default"]);
  for (const Json& environment : all["environments"])
    text += "\n" + cmakeVariables("PTO_TUNE_environment_" + environment["id"].get<std::string>(),
                                  environment);
  return text + values;
}

} // namespace ptotune
