#include "tests/support/device/ManualUnit.h"

#include <fmt/format.h>

namespace ptotune::test {
namespace {

constexpr const char* kHost = R"CPP(
extern "C" void pto_tune_virtual_launch(const char* origin, const char* entry,
    const char* const* names, uint32_t count, const uint64_t* values, uint32_t blocks, void* stream);

struct VirtualCase {
  int64_t s0, head, s1, cubeS0, cubeS1, tileS1, qkPreload;
  bool causal;
};
static uint32_t virtualBlocks = 0;
static void* virtualStream = nullptr;
static void virtualConfigure(uint32_t blocks, void* stream) {
  virtualBlocks = blocks;
  virtualStream = stream;
}
static void virtualSet(std::string& origin, const std::string& key, const std::string& value) {
  const std::string mark = "\"@" + key + "@\"";
  origin.replace(origin.find(mark), mark.size(), value);
}
template <typename... Values>
void virtualManual(const VirtualCase& one, const char* const (&names)[sizeof...(Values)],
                   Values... values) {
  std::string origin = kOrigin;
  virtualSet(origin, "head", std::to_string(one.head));
  virtualSet(origin, "causal", one.causal ? "true" : "false");
  virtualSet(origin, "CUBE_S0", std::to_string(one.cubeS0));
  virtualSet(origin, "CUBE_S1", std::to_string(one.cubeS1));
  virtualSet(origin, "TILE_S1", std::to_string(one.tileS1));
  virtualSet(origin, "QK_PRELOAD", std::to_string(one.qkPreload));
  constexpr uint32_t count = sizeof...(Values) + 2;
  const char* all[count] = {"s0", "s1"};
  for (uint32_t i = 2; i < count; ++i)
    all[i] = names[i - 2];
  const uint64_t numbers[count] = {(uint64_t)one.s0, (uint64_t)one.s1, (uint64_t)values...};
  pto_tune_virtual_launch(origin.c_str(), "runTFA", all, count, numbers, virtualBlocks,
                          virtualStream);
}
)CPP";

void replaceOnce(std::string& text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  if (at != std::string::npos)
    text.replace(at, from.size(), to);
}

} // namespace

std::string manualHostCode(const nlohmann::json& origin, std::string unit) {
  nlohmann::json marked = origin;
  for (const char* key : {"head", "causal"})
    marked[key] = fmt::format("@{}@", key);
  for (const char* key : {"CUBE_S0", "CUBE_S1", "TILE_S1", "QK_PRELOAD"})
    marked["point"][key] = fmt::format("@{}@", key);
  replaceOnce(unit, "runTFA<", "(virtualConfigure(blocks[0], stream), runTFA<");
  replaceOnce(unit, "<<<blocks[0], nullptr, stream>>>(", ")(");
  return fmt::format("#include <pto/pto-inst.hpp>\n#include <cstdint>\n#include <string>\n"
                     "static const char kOrigin[] = R\"JSON({})JSON\";\n{}{}",
                     marked.dump(), kHost, unit);
}

} // namespace ptotune::test
