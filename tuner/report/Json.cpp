#include "tuner/report/Json.h"

#include "tuner/PointText.h"
#include "tuner/report/Columns.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string_view>

namespace ptotune::report {
namespace {

using nlohmann::ordered_json;

// Values that one character tells apart.
constexpr std::size_t kMostLevels = std::string_view(kLevelDigits).size();

ordered_json jsonOf(const Environment& environment) {
  return {{"id", environment.hash().hex()},     {"soc", environment.soc},
          {"runner", environment.runner},       {"runner_version", environment.runnerVersion},
          {"toolchain", environment.toolchain}, {"tool_version", environment.toolVersion}};
}

ordered_json columnsJson(const Target& target) {
  ordered_json columns = ordered_json::array();
  for (const Column& column : target.columns) {
    ordered_json values = ordered_json::array();
    for (const std::int64_t value : column.values)
      values.push_back(valueText(column.param, value));
    columns.push_back({{"name", column.name}, {"values", values}});
  }
  return columns;
}

ordered_json jsonOf(const Champion& champion) {
  ordered_json json = {{"point", ordered_json::parse(champion.point.json())},
                       {"point_text", champion.point.text()},
                       {"short", shortText(champion.point)},
                       {"seconds", champion.seconds},
                       {"tflops", champion.problem.flops() / champion.seconds / 1e12},
                       {"samples", champion.samples},
                       {"ties", champion.ties},
                       {"exact", isExact(champion.environment)},
                       {"costs", champion.calibrated ? "calibrated" : "extrapolated"}};
  return json;
}

ordered_json jsonOf(const SpaceBound& bound, const Shape& shape) {
  ordered_json json = {
      {"seconds", bound.seconds}, {"optimal", bound.optimal}, {"held_back_by", bound.heldBackBy}};
  if (shape.champion)
    json["gap"] = std::max(0.0, 1 - bound.seconds / shape.champion->seconds);
  return json;
}

std::string_view titleOf(std::string_view rule) {
  const auto found = std::ranges::find(rules(), rule, &Rule::id);
  return found == rules().end() ? "constraint of the space file" : found->title;
}

ordered_json jsonOf(const Legality& legality) {
  ordered_json rejected = ordered_json::array();
  for (const auto& [rule, points] : legality.rejected)
    rejected.push_back({{"rule", rule}, {"title", titleOf(rule)}, {"points", points}});
  return {{"raw", legality.raw},
          {"legal", legality.legal},
          {"with_protocol", legality.withProtocol},
          {"rejected", rejected}};
}

ordered_json jsonOf(const search::Influence& influence, const std::vector<Column>& columns) {
  ordered_json mains = ordered_json::array();
  for (const auto& main : influence.mains)
    mains.push_back({{"column", columns[main.dimension].name},
                     {"share", main.share},
                     {"by_level", main.byLevel}});
  ordered_json pairs = ordered_json::array();
  for (const auto& pair : influence.interactions)
    pairs.push_back(
        {{"columns", {columns[pair.one].name, columns[pair.other].name}}, {"share", pair.share}});
  return {{"points", influence.observations}, {"mains", mains}, {"pairs", pairs}};
}

ordered_json countsJson(const Shape& shape) {
  ordered_json counts = ordered_json::object();
  for (std::size_t status = 0; status < kTrialStatusCount; ++status) {
    const auto which = static_cast<TrialStatus>(status);
    const auto count = std::ranges::count(shape.samples, which, &Trial::status);
    if (count > 0)
      counts[name(which)] = count;
  }
  return counts;
}

ordered_json jsonOf(const Shape& shape, const std::vector<Column>& columns) {
  ordered_json json = {{"problem", ordered_json::parse(shape.problem.json())},
                       {"flops", shape.problem.flops()},
                       {"samples", shape.samples.size()},
                       {"by_status", countsJson(shape)},
                       {"equal_programs", shape.equalPrograms}};
  if (shape.champion)
    json["best"] = jsonOf(*shape.champion);
  if (shape.champion && shape.interval)
    json["best"]["interval"] = {{"low", shape.interval->low}, {"high", shape.interval->high}};
  if (shape.baseSeconds)
    json["base_seconds"] = *shape.baseSeconds;
  if (shape.champion && shape.baseSeconds)
    json["speed_up"] = *shape.baseSeconds / shape.champion->seconds;
  if (shape.bound)
    json["bound"] = jsonOf(*shape.bound, shape);
  if (shape.legality)
    json["legality"] = jsonOf(*shape.legality);
  if (shape.influence)
    json["influence"] = jsonOf(*shape.influence, columns);
  return json;
}

// One character a row, or a number a row where one character cannot tell the values apart.
ordered_json levelsJson(const Column& column, const std::vector<Trial>& samples) {
  if (column.values.size() > kMostLevels) {
    ordered_json levels = ordered_json::array();
    for (const Trial& trial : samples)
      levels.push_back(levelOf(column, trial.point).value_or(0));
    return levels;
  }
  std::string levels;
  levels.reserve(samples.size());
  for (const Trial& trial : samples)
    levels += kLevelDigits[levelOf(column, trial.point).value_or(0)];
  return levels;
}

// `counts` says how many of `seconds` belong to each row; it is left out where all have one.
ordered_json rowsJson(const Shape& shape, const std::vector<Column>& columns) {
  ordered_json levels = ordered_json::array();
  for (const Column& column : columns)
    levels.push_back(levelsJson(column, shape.samples));
  ordered_json seconds = ordered_json::array();
  ordered_json counts = ordered_json::array();
  ordered_json details = ordered_json::object();
  std::string status;
  bool one = true;
  for (std::size_t row = 0; row < shape.samples.size(); ++row) {
    const Trial& trial = shape.samples[row];
    status += static_cast<char>('0' + static_cast<int>(trial.status));
    for (const double sample : trial.seconds)
      seconds.push_back(sample);
    counts.push_back(trial.seconds.size());
    one &= trial.seconds.size() == 1;
    if (!trial.detail.empty())
      details[std::to_string(row)] = trial.detail;
  }
  ordered_json json = {{"levels", levels}, {"status", status}, {"seconds", seconds}};
  if (!one)
    json["counts"] = counts;
  if (!details.empty())
    json["details"] = details;
  return json;
}

ordered_json reportJson(const Report& report, bool withRows) {
  ordered_json targets = ordered_json::array();
  for (const Target& target : report.targets) {
    ordered_json shapes = ordered_json::array();
    for (const Shape& shape : target.shapes) {
      ordered_json json = jsonOf(shape, target.columns);
      if (withRows) {
        json["rows"] = rowsJson(shape, target.columns);
        if (!shape.timeline.empty())
          json["timeline"] = shape.timeline;
      }
      shapes.push_back(std::move(json));
    }
    targets.push_back({{"environment", jsonOf(target.environment)},
                       {"columns", columnsJson(target)},
                       {"fixed", target.fixed},
                       {"shapes", shapes}});
  }
  return {{"tool", "pto-tune " PTO_TUNE_VERSION},
          {"database", report.database},
          {"job", report.job},
          {"space", report.space},
          {"base", shortText(report.base)},
          {"targets", targets}};
}

} // namespace

ordered_json summaryJson(const Report& report) {
  return reportJson(report, false);
}

ordered_json pageJson(const Report& report) {
  ordered_json json = reportJson(report, true);
  ordered_json statuses = ordered_json::array();
  for (std::size_t status = 0; status < kTrialStatusCount; ++status)
    statuses.push_back(name(static_cast<TrialStatus>(status)));
  json["statuses"] = statuses;
  json["level_digits"] = kLevelDigits;
  return json;
}

} // namespace ptotune::report
