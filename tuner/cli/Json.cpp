#include "tuner/cli/Json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>

namespace ptotune::cli {

using nlohmann::ordered_json;

ordered_json problemJson(const Problem& problem) {
  return ordered_json::parse(problem.json());
}

ordered_json pointJson(const Point& point) {
  return ordered_json::parse(point.json());
}

ordered_json findingJson(const Finding& finding) {
  ordered_json operands = ordered_json::object();
  for (const auto& [name, value] : finding.operands)
    operands[name] = value;
  return {{"rule", finding.rule},     {"text", finding.text},   {"operands", operands},
          {"object", finding.object}, {"limit", finding.limit}, {"details", finding.details},
          {"advice", finding.advice}};
}

ordered_json boundJson(const Bound& bound) {
  return {{"seconds", bound.seconds}, {"held_back_by", bound.text()}};
}

ordered_json enumerationJson(const Enumeration& enumeration) {
  ordered_json rejected = ordered_json::object();
  for (const auto& [rule, points] : enumeration.rejected)
    rejected[rule] = points;
  return {{"raw", enumeration.raw}, {"legal", enumeration.legal}, {"rejected", rejected}};
}

ordered_json trialJson(const Trial& trial) {
  const auto time = trial.time();
  return {{"point", pointJson(trial.point)},
          {"point_text", trial.point.text()},
          {"status", name(trial.status)},
          {"seconds", time ? ordered_json(*time) : ordered_json(nullptr)},
          {"samples", trial.seconds},
          {"costs", trial.calibrated ? "calibrated" : "extrapolated"},
          {"source_hash", trial.sourceHash.hex()},
          {"program_hash", trial.programHash.hex()}};
}

void printJson(const ordered_json& json) {
  constexpr int kIndent = 2;
  fmt::print("{}\n", json.dump(kIndent, ' ', false, ordered_json::error_handler_t::replace));
}

} // namespace ptotune::cli
