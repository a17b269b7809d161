#include "tuner/cli/DiffReport.h"
#include "tuner/cli/Text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace ptotune::cli {
namespace {

using nlohmann::ordered_json;
using enum Table::Align;

// "+1.20", "-0.35", "0.00"
std::string signedMicroseconds(double seconds) {
  const std::string size = microseconds(std::abs(seconds));
  return size == "0.00" ? size : (seconds < 0 ? "-" : "+") + size;
}

struct PartOf {
  const char* name;
  double sim::TimeParts::* seconds;
};
constexpr PartOf kParts[] = {{"launch", &sim::TimeParts::launch},
                             {"fill", &sim::TimeParts::fill},
                             {"steady", &sim::TimeParts::steady},
                             {"waiting", &sim::TimeParts::waiting},
                             {"drain", &sim::TimeParts::drain}};

std::string criticalPipe(const Breakdown& breakdown) {
  return fmt::format("{} on {}", name(breakdown.parts.pipe), sim::coreName(breakdown.parts.core));
}

// A stage of either point, with what it does in both.
struct StagePair {
  int core = 0;
  std::string stage;
  StageTime before;
  StageTime after;

  double change() const { return after.busy() - before.busy(); }
  // Its instructions take no time in either run.
  bool idle() const {
    return before.busy() + after.busy() + before.waitSeconds + after.waitSeconds <= 0;
  }
};

std::vector<StagePair> stagePairs(const PointDiff& diff) {
  std::vector<StagePair> pairs;
  const auto entry = [&](const StageTime& stage) -> StagePair& {
    const auto found = std::ranges::find_if(pairs, [&](const StagePair& pair) {
      return pair.core == stage.core && pair.stage == stage.stage;
    });
    return found != pairs.end()
               ? *found
               : pairs.emplace_back(StagePair{.core = stage.core, .stage = stage.stage});
  };
  for (const int core : {0, 1}) {
    for (const StageTime& stage : diff.before.stages)
      if (stage.core == core)
        entry(stage).before = stage;
    for (const StageTime& stage : diff.after.stages)
      if (stage.core == core)
        entry(stage).after = stage;
  }
  return pairs;
}

std::string coreText(int core) {
  return core == 0 ? "AIC" : "AIV";
}

std::string partsTable(const PointDiff& diff) {
  Table table({left, right, right, right, right});
  table.row({"", "A us", "B us", "change us", ""});
  const auto row = [&](std::string what, double before, double after) {
    table.row({std::move(what), microseconds(before), microseconds(after),
               signedMicroseconds(after - before), changeText(before, after)});
  };
  row("time", diff.before.seconds, diff.after.seconds);
  for (const PartOf& part : kParts)
    row(fmt::format("  {}", part.name), diff.before.parts.*part.seconds,
        diff.after.parts.*part.seconds);
  row("bound", diff.before.bound.seconds, diff.after.bound.seconds);
  return table.text();
}

std::string stagesTable(const std::vector<StagePair>& pairs) {
  Table table({left, left, right, right, right, right, right});
  table.row({"stage", "core", "A busy us", "B busy us", "change us", "A waits us", "B waits us"});
  for (const StagePair& pair : pairs)
    if (!pair.idle())
      table.row({pair.stage, coreText(pair.core), microseconds(pair.before.busy()),
                 microseconds(pair.after.busy()), signedMicroseconds(pair.change()),
                 microseconds(pair.before.waitSeconds), microseconds(pair.after.waitSeconds)});
  return table.text();
}

// The stages that changed most, in words.
std::string mostText(const std::vector<StagePair>& pairs) {
  constexpr double kWorthSaying = 5e-9; // what rounds to 0.01 us
  const auto least = std::ranges::min_element(pairs, {}, &StagePair::change);
  const auto most = std::ranges::max_element(pairs, {}, &StagePair::change);
  std::string text;
  if (least != pairs.end() && least->change() < -kWorthSaying)
    text = fmt::format("{} on {} gains most: {} us less work", least->stage, coreText(least->core),
                       microseconds(-least->change()));
  if (most != pairs.end() && most->change() > kWorthSaying)
    text += fmt::format("{}{} on {} loses most: {} us more", text.empty() ? "" : "; ", most->stage,
                        coreText(most->core), microseconds(most->change()));
  return text.empty() ? "every stage works as long as before" : text;
}

ordered_json stageJson(const StageTime& stage) {
  ordered_json busy = ordered_json::object();
  for (std::size_t pipe = 0; pipe < kPipeCount; ++pipe)
    if (stage.busySeconds[pipe] > 0)
      busy[std::string(name(static_cast<Pipe>(pipe)))] = stage.busySeconds[pipe];
  return {{"busy_seconds", stage.busy()}, {"wait_seconds", stage.waitSeconds}, {"pipes", busy}};
}

ordered_json jsonOf(const Breakdown& breakdown) {
  ordered_json parts;
  for (const PartOf& part : kParts)
    parts[part.name] = breakdown.parts.*part.seconds;
  return {
      {"seconds", breakdown.seconds},
      {"parts", parts},
      {"critical_pipe",
       {{"core", sim::coreName(breakdown.parts.core)}, {"pipe", name(breakdown.parts.pipe)}}},
      {"bound", {{"seconds", breakdown.bound.seconds}, {"held_back_by", breakdown.bound.text()}}}};
}

} // namespace

std::string pointDiffText(const PointDiff& diff, std::size_t width) {
  const std::vector<StagePair> pairs = stagePairs(diff);
  const std::string critical =
      fmt::format("critical pipe: A {}, B {}", criticalPipe(diff.before), criticalPipe(diff.after));
  const std::string bounds = fmt::format("bound held back by: A {}; B {}", diff.before.bound.text(),
                                         diff.after.bound.text());
  std::string text =
      diff.problem.text() + "\n" + partsTable(diff) + "\n" + stagesTable(pairs) + "\n";
  for (const std::string& line : {mostText(pairs), critical, bounds})
    text += wrapped(line, 2, width, 2) + "\n";
  return text;
}

ordered_json pointDiffJson(const PointDiff& diff) {
  ordered_json stages = ordered_json::array();
  for (const StagePair& pair : stagePairs(diff))
    stages.push_back({{"stage", pair.stage},
                      {"core", coreText(pair.core)},
                      {"before", stageJson(pair.before)},
                      {"after", stageJson(pair.after)},
                      {"change_seconds", pair.change()}});
  return {{"problem", ordered_json::parse(diff.problem.json())},
          {"before", jsonOf(diff.before)},
          {"after", jsonOf(diff.after)},
          {"stages", stages}};
}

} // namespace ptotune::cli
