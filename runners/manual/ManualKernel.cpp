#include "runners/manual/ManualKernel.h"

#include "db/configurations/Header.h"
#include "space/Rules.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>

namespace ptotune::manual {
namespace {

constexpr const char* kEntry = "runTFA";
constexpr std::int64_t kHalf = 2;   // bytes of an fp16 number
constexpr std::int64_t kSingle = 4; // of an fp32 number
// kFaCvCommSlotBytes of the kernel's header: of the place where a block's cores agree on a ring.
constexpr std::int64_t kSlotBytes = 512;

// The kernel's pointers in the order of its parameters. Only with its INTERMEDIATE_CHECK does it
// write to those that share "checks".
struct Parameter {
  const char* type;
  const char* buffer;
};
constexpr Parameter kParameters[] = {
    {"__gm__ half*", "q"},        {"__gm__ half*", "k"},        {"__gm__ half*", "v"},
    {"__gm__ half*", "p_fifo"},   {"__gm__ float*", "checks"},  {"__gm__ float*", "checks"},
    {"__gm__ float*", "checks"},  {"__gm__ float*", "out"},     {"__gm__ float*", "checks"},
    {"__gm__ float*", "qk_fifo"}, {"__gm__ float*", "pv_fifo"}, {"__gm__ uint8_t*", "cv_comm"}};

std::string launchCase(const ascend::LaunchPlan& plan) {
  std::string text =
      "#define PTO_TUNE_LAUNCH_CASE(S0, HEAD, S1, CUBE_S0, CUBE_S1, TILE_S1, QK_PRELOAD, CAUSAL) "
      "\\\n";
  text += fmt::format("    {}<S0, HEAD, S1, CUBE_S0, CUBE_S1, TILE_S1, QK_PRELOAD, kFaCvFifoSize, "
                      "\\\n           false, CAUSAL, kFaCvFifoConsSyncPeriod> \\\n"
                      "        <<<blocks[0], nullptr, stream>>>( \\\n"
                      "            (__gm__ uint64_t*)ffts, \\\n",
                      kEntry);
  for (const Parameter& parameter : kParameters) {
    const auto at = std::ranges::find(plan.arguments, parameter.buffer) - plan.arguments.begin();
    text += fmt::format("            ({})buffers[{}], \\\n", parameter.type, at);
  }
  return text + "            nullptr);\n";
}

} // namespace

Status checkTree(const std::string& isaRoot) {
  if (isaRoot.empty())
    return Error{.message = "upstream's manual kernel is missing: neither PTO_ISA_ROOT nor "
                            "PTO_LIB_PATH is set",
                 .advice = "set PTO_ISA_ROOT to a pto-isa checkout"};
  const std::string file = fmt::format("{}/{}/{}", isaRoot, kFolder, kSource);
  if (!std::filesystem::is_regular_file(file))
    return Error{.message =
                     fmt::format("upstream's manual kernel is missing: there is no {}", file),
                 .advice = fmt::format("set PTO_ISA_ROOT to a whole pto-isa checkout; {} is a "
                                       "commit that has it",
                                       kKnownCommit)};
  return {};
}

std::string objection(const Problem& problem, const Point& point, const SocProfile& soc) {
  if (problem.causal && problem.s1 < problem.s0)
    return "of a causal problem it reads as many keys as there are queries";
  return manualKernelObjection({problem, soc, point});
}

std::string casesHeader(const Problem& problem, const Point& point, const SocProfile& soc) {
  HeaderEntry entry;
  entry.champion.problem = problem;
  entry.champion.point = point;
  entry.champion.environment.soc = soc.name;
  entry.manual = ManualBest{.point = point};
  return renderHeader({.toolVersion = PTO_TUNE_VERSION, .fallback = {}, .entries = {entry}});
}

std::string unitSource(const Problem& problem, const Point& point) {
  const nlohmann::json origin{{"head", problem.head},
                              {"causal", problem.causal},
                              {"dtype", problem.dtype},
                              {"point", nlohmann::json::parse(point.json())}};
  const ascend::LaunchPlan plan = launchPlan(problem, point);
  std::string text = fmt::format("{}{}\n"
                                 "#include <cstddef>\n"
                                 "#include <cstdint>\n"
                                 "#include <cstring>\n\n"
                                 "#include \"{}\"\n\n",
                                 kUnitComment, origin.dump(), kSource);
  text += "extern \"C\" int32_t rtGetC2cCtrlAddr(uint64_t* address, uint32_t* length);\n\n";
  text += fmt::format("static_assert(kFaCvFifoSize == {} && kFaCvCommSlotBytes == {},\n"
                      "              \"the kernel's rings are not as large as its buffers\");\n\n",
                      point.slotNumQK(), kSlotBytes);
  text += launchCase(plan);
  text += fmt::format("\nextern \"C\" int32_t {}(void* const* buffers, int64_t s0, int64_t s1,\n"
                      "                                   const uint32_t* blocks, void* stream)\n",
                      ascend::kLaunchFunction);
  return text + "{\n"
                "    (void)s0;\n"
                "    (void)s1;\n"
                "    uint64_t ffts = 0;\n"
                "    uint32_t length = 0;\n"
                "    const int32_t code = rtGetC2cCtrlAddr(&ffts, &length);\n"
                "    if (code != 0)\n"
                "        return code;\n"
                "    TFA_FOR_EACH_CASE(PTO_TUNE_LAUNCH_CASE)\n"
                "    return 0;\n"
                "}\n";
}

ascend::LaunchPlan launchPlan(const Problem& problem, const Point& point) {
  const std::int64_t scores = point.cubeS0() * point.tileS1();
  ascend::LaunchPlan plan;
  plan.launches = {{.entry = kEntry, .rowsPerBlock = point.cubeS0(), .persistent = false}};
  plan.arguments = {"q", "k", "v", "out", "qk_fifo", "p_fifo", "pv_fifo", "checks", "cv_comm"};
  plan.rings = {{"qk_fifo", point.slotNumQK() * scores * kSingle},
                {"p_fifo", point.slotNumP() * scores * kHalf},
                {"pv_fifo", point.slotNumPV() * point.cubeS0() * problem.head * kSingle},
                {"checks", point.expRing() * point.cubeS0() * kSingle},
                {"cv_comm", kSlotBytes}};
  return plan;
}

} // namespace ptotune::manual
