#include "db/configurations/Header.h"

#include "db/configurations/HeaderParts.h"
#include "db/configurations/HeaderText.h"
#include "db/configurations/TiersText.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>

namespace ptotune {
namespace header {

namespace {
constexpr double kMicroseconds = 1e6; // in a second
constexpr double kPercent = 100;
} // namespace

std::string hexOrNothing(const Hash& hash) {
  return hash.empty() ? "" : hash.hex();
}

std::string micro(double seconds) {
  return fmt::format("{:.3f}", seconds * kMicroseconds);
}

std::string microOr(const std::optional<double>& seconds, const char* absent) {
  return seconds ? micro(*seconds) : absent;
}

std::optional<double> manualSeconds(const HeaderEntry& entry) {
  return entry.manual ? std::optional(entry.manual->seconds) : std::nullopt;
}

std::string gapText(const Champion& champion) {
  const auto gap = champion.gap();
  return gap ? fmt::format("{:.2f} %", *gap * kPercent) : "no bound";
}

std::string shapeText(const Problem& problem) {
  return fmt::format("head {}, s0 {}, s1 {}, {}", problem.head, problem.s0, problem.s1,
                     problem.causal ? "causal" : "not causal");
}

std::vector<std::string> socsOf(std::span<const HeaderEntry> entries) {
  std::vector<std::string> socs;
  for (const HeaderEntry& entry : entries)
    if (socs.empty() || socs.back() != entry.champion.environment.soc)
      socs.push_back(entry.champion.environment.soc);
  return socs;
}

} // namespace header

namespace {

using Declarations = std::vector<std::pair<std::string, std::string>>;

// Fields of a struct with their comments in one column.
std::string fields(const Declarations& declarations) {
  std::size_t width = 0;
  for (const auto& [declaration, meaning] : declarations)
    width = std::max(width, declaration.size());
  std::string text;
  for (const auto& [declaration, meaning] : declarations)
    text += fmt::format("  {:<{}} // {}\n", declaration, width, meaning);
  return text;
}

Declarations environmentFields() {
  return {
      {"const char* id;", "content address in the database"},
      {"const char* soc;", "what was measured on"},
      {"const char* soc_hash;", "of its profile; \"\": this runner reads none"},
      {"std::int64_t cores;", "0: unknown"},
      {"std::int64_t frequency;", "Hz; 0: unknown"},
      {"const char* runner;", "what measured: \"sim\" is the virtual Ascend"},
      {"const char* runner_version;", "changes whenever its answers may"},
      {"const char* toolchain;", "what built the kernel; \"\": nothing was built"},
      {"const char* pto_isa_hash;", "of the pto-isa headers; \"\": none were used"},
      {"const char* tool_version;", "of pto-tune"},
  };
}

Declarations keyFields() {
  return {
      {"const char* soc;", "\"Ascend910B2\""},
      {"int head;", "columns of Q, K and V"},
      {"bool causal;", "keys beyond the query row are masked"},
      {"const char* dtype;", "of Q, K and V"},
      {"int s0;", "rows of Q"},
      {"int s1;", "rows of K and V"},
  };
}

Declarations evidenceFields() {
  return {
      {"double time_us;", "median of the samples; 0: not measured"},
      {"double time_low_us;", "95 % interval of that median; both 0: unknown"},
      {"double time_high_us;", "equal to it where the runner is exact"},
      {"double default_time_us;", "of the default point; 0: not measured"},
      {"double manual_time_us;", "of the case in TFA_FOR_EACH_CASE; 0: there is none"},
      {"double bound_us;", "proven: no point of bound_space is faster; 0: no bound proven"},
      {"double gap;", "share of time_us that one could save; -1: no bound proven"},
      {"const char* bound_space;", "whose points the bound is of; \"\": no bound proven"},
      {"std::int64_t samples;", "that the median was taken over"},
      {"std::int64_t trials;", "of this problem in this environment, of every status"},
      {"bool calibrated;", "the shape lies in the range that the costs were fitted to"},
      {"const Environment* environment;", "who measured; null: not measured"},
      {"const char* source_hash;", "of the emitted kernel; \"\": unknown"},
      {"const char* program_hash;", "of what the target executes; \"\": unknown"},
  };
}

std::string types() {
  std::string text;
  Declarations parameters;
  for (const ParamInfo& parameter : allParams()) {
    const std::string type = parameter.names.empty() ? "int" : enumName(parameter.name);
    parameters.emplace_back(fmt::format("{} {};", type, fieldName(parameter.name)),
                            fmt::format("{}: {}", parameter.name, parameter.meaning));
    if (!parameter.names.empty())
      text += fmt::format("enum class {} : std::uint8_t {{ {} }};\n", type,
                          fmt::join(parameter.names, ", "));
  }
  const Declarations reach = {
      {"int max_s0;", "other shapes that it may run: at most so many query rows; 0: none"},
      {"int max_tiles;", "and so many tiles of a key loop, s1 / tile_s1 / kv_split"},
  };
  return text + fmt::format("\n// Who measured, with what.\nstruct Environment {{\n{}}};\n"
                            "\n// One shape and its point.\nstruct Config {{\n{}\n{}\n{}\n{}}};\n\n"
                            "inline constexpr int kNoLimit = {};\n",
                            fields(environmentFields()), fields(keyFields()), fields(parameters),
                            fields(reach), fields(evidenceFields()), kNoLimit);
}

constexpr std::string_view kLookup = R"cpp(
struct Lookup {
  Config config; // with the shape that was asked for; without times unless that was tuned
  Match match;
  int tuned_s0; // the shape that was tuned; 0 for fallback_default
  int tuned_s1;
};

// Whether the tiles divide the shape. lookup() does not promise it for fallback_default.
constexpr bool fits(const Config& config) {
  return config.s0 % config.cube_s0 == 0 && config.s1 % config.tile_s1 == 0 &&
         config.tile_s1 % config.cube_s1 == 0 &&
         (config.s1 / config.tile_s1) % config.kv_split == 0;
}

constexpr bool same_text(const char* a, const char* b) {
  while (*a != 0 && *a == *b) {
    ++a;
    ++b;
  }
  return *a == *b;
}

constexpr bool same_shape(const Config& a, const Config& b) {
  return same_text(a.soc, b.soc) && a.head == b.head && a.s0 == b.s0 && a.s1 == b.s1 &&
         a.causal == b.causal;
}
)cpp";

// {0}: " = ..." or nothing, the default of `soc`
constexpr std::string_view kLookupFunction = R"cpp(
// The configuration for one shape: tuned for it, else for the nearest shape whose tiles divide this
// one, else the default point. SoC, head and causality are never changed. Nearest is the least
// |log2(s0 / tuned s0)| + |log2(s1 / tuned s1)|; of equally near ones the smaller s0, then the
// smaller s1.
constexpr Lookup lookup(int head, int s0, int s1, bool causal, const char* soc{0}) {{
  const Found found = find(kConfigs, kConfigCount, s0, s1, [=](const Config& config) {{
    return config.head == head && config.causal == causal && same_text(config.soc, soc);
  }});
  if (found.match == Match::exact)
    return {{kConfigs[found.index], Match::exact, s0, s1}};
  const bool nearest = found.match == Match::nearest;
  Config config = nearest ? kConfigs[found.index] : kDefault;
  const int tuned_s0 = config.s0;
  const int tuned_s1 = config.s1;
  config.soc = soc;
  config.head = head;
  config.causal = causal;
  config.s0 = s0;
  config.s1 = s1;
  config.time_us = 0;
  config.time_low_us = 0;
  config.time_high_us = 0;
  config.default_time_us = 0;
  config.manual_time_us = 0;
  config.bound_us = 0;
  config.gap = -1;
  config.bound_space = "";
  config.samples = 0;
  config.trials = 0;
  return {{config, found.match, tuned_s0, tuned_s1}};
}}

constexpr bool shapes_are_distinct() {{
  for (std::size_t i = 0; i != kConfigCount; ++i)
    for (std::size_t j = i + 1; j < kConfigCount; ++j)
      if (same_shape(kConfigs[i], kConfigs[j]))
        return false;
  return true;
}}

static_assert(shapes_are_distinct(), "two entries for one shape");
)cpp";

// {0}: what was measured with, as it stands in a string literal
constexpr std::string_view kIsaCheck = R"cpp(
// Define PTO_TUNE_PTO_ISA_HASH, a string, to be told when the kernels are built with other pto-isa
// headers than the ones that were measured with. One hash may be the beginning of the other.
#ifdef PTO_TUNE_PTO_ISA_HASH
constexpr bool same_hash(const char* a, const char* b) {{
  std::size_t same = 0;
  while (a[same] != 0 && a[same] == b[same])
    ++same;
  return (a[same] == 0 || b[same] == 0) && same >= 7;
}}

constexpr bool measured_with_pto_isa(const char* hash) {{
  for (std::size_t i = 0; i != kEnvironmentCount; ++i)
    if (kEnvironments[i].pto_isa_hash[0] != 0 && !same_hash(kEnvironments[i].pto_isa_hash, hash))
      return false;
  return true;
}}

// clang-format off
static_assert(measured_with_pto_isa(PTO_TUNE_PTO_ISA_HASH),
              "PTO_TUNE_PTO_ISA_HASH is not what was measured with: {0}");
// clang-format on
#endif
)cpp";

std::string isaCheck(const std::vector<Environment>& environments) {
  std::vector<std::string> hashes;
  for (const Environment& environment : environments)
    if (!environment.isaHash.empty() &&
        std::ranges::find(hashes, environment.isaHash) == hashes.end())
      hashes.push_back(environment.isaHash);
  const std::string literal = stringLiteral(fmt::format("{}", fmt::join(hashes, ", ")));
  return fmt::format(fmt::runtime(kIsaCheck), literal.substr(1, literal.size() - 2));
}

std::string assertions(std::span<const HeaderEntry> entries) {
  std::string text;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::string condition = fmt::format("static_assert(fits(kConfigs[{}]),", i);
    const std::string message = fmt::format("\"{}: the tiles do not divide it\");",
                                            header::shapeText(entries[i].champion.problem));
    const bool oneLine = condition.size() + 1 + message.size() <= kColumns;
    text += fmt::format("{}{}{}\n", condition, oneLine ? " " : "\n              ", message);
  }
  return text;
}

std::string lookupFunction(std::span<const HeaderEntry> entries) {
  const std::vector<std::string> socs = header::socsOf(entries);
  if (socs.size() > 1)
    return fmt::format(fmt::runtime(kLookupFunction), "");
  return fmt::format(
      "\n// All entries are of this SoC.\ninline constexpr const char* kSoc = {};\n{}",
      socs.empty() ? "\"\"" : stringLiteral(socs.front()),
      fmt::format(fmt::runtime(kLookupFunction), " = kSoc"));
}

} // namespace

std::vector<HeaderEntry> inHeaderOrder(std::vector<HeaderEntry> entries) {
  std::ranges::sort(entries, {}, [](const HeaderEntry& entry) {
    const Problem& problem = entry.champion.problem;
    return std::make_tuple(entry.champion.environment.soc, problem.head, problem.causal,
                           problem.dtype, problem.s0, problem.s1, entry.champion.environment.hash(),
                           entry.champion.point, entry.champion.seconds);
  });
  return entries;
}

std::vector<Environment> environmentsOf(const std::vector<HeaderEntry>& entries) {
  std::vector<Environment> environments;
  for (const HeaderEntry& entry : entries)
    if (std::ranges::find(environments, entry.champion.environment) == environments.end())
      environments.push_back(entry.champion.environment);
  std::ranges::sort(environments, {}, [](const Environment& environment) {
    return std::make_tuple(environment.soc, environment.runner, environment.hash());
  });
  return environments;
}

std::string renderHeader(const HeaderInput& input, const std::string& nameSpace) {
  const std::vector<HeaderEntry> entries = inHeaderOrder(input.entries);
  std::string text = header::preamble(input, entries);
  text += fmt::format(
      "#pragma once\n\n#include <cstddef>\n#include <cstdint>\n\nnamespace {} {{\n\n", nameSpace);
  text += types() + "\n" + header::tables(input, entries);
  text += "\n" + std::string(kTiersText);
  text += kLookup;
  text += lookupFunction(entries);
  text += assertions(entries);
  text += isaCheck(environmentsOf(entries));
  text += fmt::format("\n}} // namespace {}\n", nameSpace);
  text += header::manualCases(entries);
  return text;
}

} // namespace ptotune
