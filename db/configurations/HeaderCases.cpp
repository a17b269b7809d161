#include "db/configurations/HeaderParts.h"
#include "db/configurations/HeaderText.h"

#include <fmt/format.h>

#include <cctype>

namespace ptotune::header {
namespace {

// "Ascend910B2" -> "ASCEND910B2"
std::string macroName(std::string_view soc) {
  std::string name;
  for (const char c : soc) {
    const auto plain = static_cast<unsigned char>(c);
    name += std::isalnum(plain) != 0 ? static_cast<char>(std::toupper(plain)) : '_';
  }
  return name;
}

// The lines of the macro's body for one SoC.
std::string casesOf(std::span<const HeaderEntry> entries, const std::string& soc) {
  std::string cases;
  for (const HeaderEntry& entry : entries) {
    if (!entry.manual || entry.champion.environment.soc != soc)
      continue;
    const Problem& problem = entry.champion.problem;
    const Point& point = entry.manual->point;
    cases += fmt::format(" \\\n  MACRO({}, {}, {}, {}, {}, {}, {}, {}) /* {} us */", problem.s0,
                         problem.head, problem.s1, point.cubeS0(), point.cubeS1(), point.tileS1(),
                         point.qkPreload(), problem.causal, micro(entry.manual->seconds));
  }
  return cases;
}

std::string macro(const std::string& name, const std::string& cases) {
  const char* absent =
      cases.empty() ? "// It can express none of the measured points: there is no case.\n" : "";
  return fmt::format("{}#define {}(MACRO){}\n", absent, name, cases);
}

} // namespace

std::string manualCases(std::span<const HeaderEntry> entries) {
  std::string text =
      "\n// Cases for upstream's manual kernel (pto-isa, kernels/manual/common/flash_atten). Each "
      "is\n"
      "// the best point that this kernel can express: its FIFO depth is 8 and its unit flag on.\n"
      "// MACRO(S0, HEAD, S1, CUBE_S0, CUBE_S1, TILE_S1, QK_PRELOAD, CAUSAL)\n"
      "// clang-format off\n";
  const std::vector<std::string> socs = socsOf(entries);
  std::vector<std::string> names;
  if (socs.size() > 1) {
    for (const std::string& soc : socs) {
      names.push_back("TFA_FOR_EACH_CASE_" + macroName(soc));
      text += macro(names.back(), casesOf(entries, soc));
    }
  } else {
    names.emplace_back("TFA_FOR_EACH_CASE");
    text += macro(names.back(), socs.empty() ? "" : casesOf(entries, socs.front()));
  }
  text += "\n#define PTO_TUNE_CHECK_CASE(S0, HEAD, S1, CUBE_S0, CUBE_S1, TILE_S1, QK_PRELOAD, "
          "CAUSAL) \\\n"
          "  static_assert(S0 % CUBE_S0 == 0 && S1 % TILE_S1 == 0 && TILE_S1 % CUBE_S1 == 0, \\\n"
          "                \"S0 \" #S0 \", S1 \" #S1 \": the tiles do not divide it\");\n";
  for (const std::string& name : names)
    text += name + "(PTO_TUNE_CHECK_CASE)\n";
  return text + "#undef PTO_TUNE_CHECK_CASE\n// clang-format on\n";
}

} // namespace ptotune::header
