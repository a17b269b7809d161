#include "db/configurations/HeaderParts.h"
#include "db/configurations/HeaderText.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace ptotune::header {
namespace {

constexpr std::string_view kRowIndent = "        ";
constexpr std::string_view kDefaultIndent = "    ";

std::string parameterLiteral(const Point& point, const ParamInfo& parameter) {
  const std::string value = valueText(parameter.id, point[parameter.id]);
  return parameter.names.empty() ? value : enumName(parameter.name) + "::" + value;
}

std::vector<std::string> pointLiterals(const Point& point) {
  std::vector<std::string> items;
  for (const ParamInfo& parameter : allParams())
    items.push_back(fmt::format("/*{}*/ {}", parameter.name, parameterLiteral(point, parameter)));
  return items;
}

// As an int of the header: kNoLimit is the largest of them.
std::string limitLiteral(std::int64_t limit) {
  return limit == kNoLimit ? "kNoLimit" : std::to_string(limit);
}

std::string noteOf(const Champion& champion) {
  std::string note = fmt::format("{}: {} us", shapeText(champion.problem), micro(champion.seconds));
  if (champion.ties > 0)
    note += fmt::format("; {} other point{} the same time", champion.ties,
                        champion.ties == 1 ? " takes" : "s take");
  return note;
}

// How far the time can be from that of the best point.
std::string gapNote(const Champion& champion) {
  if (!champion.proof)
    return "no bound proven";
  return fmt::format("gap {}: no point of space {} ({} points) takes less than {} us",
                     gapText(champion), inComment(champion.proof->spaceName),
                     champion.proof->points, micro(champion.proof->bound));
}

std::vector<std::string> proofLiterals(const Champion& champion) {
  const auto& proof = champion.proof;
  return {fmt::format("/*bound_us*/ {}", proof ? micro(proof->bound) : "0"),
          fmt::format("/*gap*/ {}", champion.gap().value_or(-1)),
          fmt::format("/*bound_space*/ {}", stringLiteral(proof ? proof->spaceName : ""))};
}

std::string row(const HeaderEntry& entry, std::size_t environment) {
  const Champion& champion = entry.champion;
  const Problem& problem = champion.problem;
  const std::vector<std::string> shape = {
      stringLiteral(champion.environment.soc),      fmt::format("/*head*/ {}", problem.head),
      fmt::format("/*causal*/ {}", problem.causal), stringLiteral(problem.dtype),
      fmt::format("/*s0*/ {}", problem.s0),         fmt::format("/*s1*/ {}", problem.s1),
  };
  std::vector<std::string> point = pointLiterals(champion.point);
  point.push_back("/*max_s0*/ " + limitLiteral(entry.reach.maxS0));
  point.push_back("/*max_tiles*/ " + limitLiteral(entry.reach.maxTiles));
  std::vector<std::string> evidence = {
      fmt::format("/*time_us*/ {}", micro(champion.seconds)),
      fmt::format("/*time_low_us*/ {}", micro(entry.interval.low)),
      fmt::format("/*time_high_us*/ {}", micro(entry.interval.high)),
      fmt::format("/*default_time_us*/ {}", microOr(entry.defaultSeconds, "0")),
      fmt::format("/*manual_time_us*/ {}", microOr(manualSeconds(entry), "0")),
  };
  std::ranges::move(proofLiterals(champion), std::back_inserter(evidence));
  const std::vector<std::string> counts = {
      fmt::format("/*samples*/ {}", champion.samples),
      fmt::format("/*trials*/ {}", champion.trialCount()),
      fmt::format("/*calibrated*/ {}", champion.calibrated),
  };
  const std::vector<std::string> identities = {
      fmt::format("/*environment*/ &kEnvironments[{}]", environment),
      fmt::format("/*source*/ {}", stringLiteral(hexOrNothing(champion.sourceHash))),
      fmt::format("/*program*/ {}", stringLiteral(hexOrNothing(champion.programHash))),
  };
  std::ranges::copy(counts, std::back_inserter(evidence));
  return fmt::format("    // {}\n    // {}\n    {{\n{},\n{},\n{},\n{},\n    }},\n",
                     noteOf(champion), gapNote(champion), wrappedItems(shape, kRowIndent),
                     wrappedItems(point, kRowIndent), wrappedItems(evidence, kRowIndent),
                     wrappedItems(identities, kRowIndent));
}

std::string environmentRow(const Environment& environment) {
  const std::vector<std::string> items = {
      fmt::format("/*id*/ {}", stringLiteral(environment.hash().hex())),
      fmt::format("/*soc*/ {}", stringLiteral(environment.soc)),
      fmt::format("/*soc_hash*/ {}", stringLiteral(hexOrNothing(environment.socHash))),
      fmt::format("/*cores*/ {}", environment.cores),
      fmt::format("/*frequency*/ {}", environment.frequency),
      fmt::format("/*runner*/ {}", stringLiteral(environment.runner)),
      fmt::format("/*runner_version*/ {}", stringLiteral(environment.runnerVersion)),
      fmt::format("/*toolchain*/ {}", stringLiteral(environment.toolchain)),
      fmt::format("/*pto_isa_hash*/ {}", stringLiteral(environment.isaHash)),
      fmt::format("/*tool_version*/ {}", stringLiteral(environment.toolVersion)),
  };
  return fmt::format("    {{\n{},\n    }},\n", wrappedItems(items, kRowIndent));
}

std::string environmentTable(std::span<const Environment> environments) {
  std::string text =
      fmt::format("inline constexpr std::size_t kEnvironmentCount = {};\n", environments.size());
  if (environments.empty())
    return text + "inline constexpr const Environment* kEnvironments = nullptr;\n";
  text += "inline constexpr Environment kEnvironments[kEnvironmentCount] = {\n";
  for (const Environment& environment : environments)
    text += environmentRow(environment);
  return text + "};\n";
}

std::string configTable(std::span<const HeaderEntry> entries,
                        std::span<const Environment> environments) {
  std::string text =
      fmt::format("\ninline constexpr std::size_t kConfigCount = {};\n", entries.size());
  if (entries.empty())
    return text + "inline constexpr const Config* kConfigs = nullptr;\n";
  text += "inline constexpr Config kConfigs[kConfigCount] = {\n";
  for (const HeaderEntry& entry : entries) {
    const auto found = std::ranges::find(environments, entry.champion.environment);
    text += row(entry, static_cast<std::size_t>(found - environments.begin()));
  }
  return text + "};\n";
}

} // namespace

std::string tables(const HeaderInput& input, std::span<const HeaderEntry> entries) {
  const std::vector<Environment> environments =
      environmentsOf(std::vector<HeaderEntry>(entries.begin(), entries.end()));
  std::vector<std::string> usual = pointLiterals(input.fallback);
  usual.emplace_back("/*max_s0*/ 0");
  usual.emplace_back("/*max_tiles*/ 0");
  return "// clang-format off\n" + environmentTable(environments) +
         configTable(entries, environments) +
         fmt::format("\n// The default point, for shapes that no entry serves.\n"
                     "inline constexpr Config kDefault = {{\n"
                     "    \"\", 0, false, \"\", 0, 0,\n{},\n"
                     "    0, 0, 0, 0, 0, 0, -1, \"\", 0, 0, false,\n"
                     "    nullptr, \"\", \"\",\n}};\n"
                     "// clang-format on\n",
                     wrappedItems(usual, kDefaultIndent));
}

} // namespace ptotune::header
