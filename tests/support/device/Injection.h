// One fault in the lowered IR of a kernel, before both emissions.
#pragma once

#include "codegen/Ir.h"
#include "codegen/Lowering.h"

#include <array>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace ptotune::test {

// The lines of a text; a fault changes or empties one of them, or all that are alike.
using Lines = std::vector<std::string>;

inline Lines linesOf(const std::string& text) {
  Lines lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

// Lines with this part, but for those behind which the end of the kernel takes flags back.
inline std::vector<std::size_t> linesWith(const Lines& lines, std::string_view part) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (lines[i].find(part) != std::string::npos)
      found.push_back(i);
  return found;
}

struct FaultKind {
  const char* name;
  std::string_view part; // of the lines that have the fault
  std::function<void(std::string& line)> spoil;
};

inline void swapPart(std::string& line, std::string_view from, std::string_view to) {
  if (const std::size_t at = line.find(from); at != std::string::npos)
    line.replace(at, from.size(), to);
}

inline const std::vector<FaultKind>& faultKinds() {
  const auto drop = [](std::string& line) { line.clear(); };
  static const std::vector<FaultKind> kinds = {
      {"dropped wait", "pto.wait_flag[", drop},
      {"dropped dynamic wait", "pto.wait_flag_dyn[", drop},
      {"dropped barrier", "pto.barrier <PIPE_V>", drop},
      {"wrong copy of a buffer", "multi_tile_get",
       [](std::string& line) {
         if (line.find("[%c1]") != std::string::npos)
           swapPart(line, "[%c1]", "[%c0]");
         else
           swapPart(line, "[%c0]", "[%c1]");
       }},
      {"off-by-one slot of the rescale ring", "arith.remui",
       [](std::string& line) { swapPart(line, ", %c8 ", ", %c5 "); }},
      {"one slot less on one side", "slot_num = 8",
       [](std::string& line) { swapPart(line, " slot_num = 8", " slot_num = 7"); }},
      {"first rows in place of the second", "offsets = [%c32, %c0]",
       [](std::string& line) { swapPart(line, "[%c32, %c0]", "[%c0, %c0]"); }},
      {"first columns in place of the second", "offsets = [%c0, %c128]",
       [](std::string& line) { swapPart(line, "[%c0, %c128]", "[%c0, %c0]"); }},
      {"keys not moved on", "arith.addi",
       [](std::string& line) { swapPart(line, ", %c128 ", ", %c0 "); }},
      {"wrong scale", "arith.constant 0.088",
       [](std::string& line) { swapPart(line, "0.088", "0.090"); }},
      {"scale of one half of the rows left out", "pto.tmuls", drop},
      {"maximum not carried on", "pto.tmax", drop},
      {"sum not rescaled", "pto.tmul ", drop},
      {"sum not added", "pto.tadd ", drop},
      {"product not rescaled", "pto.trowexpandmul", drop},
      {"not divided by the sum", "pto.trowexpanddiv", drop},
      {"store left out", "pto.tstore", drop},
      {"credit not given back", "pto.tfree", drop},
  };
  return kinds;
}

// The kernel of the point with the fault that `seed` chooses. `what` names it.
inline Result<LoweredKernel> lowerWithFault(const KernelSpec& spec, const Point& point,
                                            const SocProfile& soc, std::uint64_t seed,
                                            std::string& what) {
  const auto right = lower(spec, point, soc, Emit::ir | Emit::cpp);
  if (!right)
    return right.error();
  std::mt19937_64 random(seed);
  constexpr int kTries = 100; // a kind may have no place in this kernel
  for (int i = 0; i < kTries; ++i) {
    Lines lines = linesOf(right->ir);
    const FaultKind& kind = faultKinds()[random() % faultKinds().size()];
    const auto places = linesWith(lines, kind.part);
    if (places.empty())
      continue;
    std::string& line = lines[places[random() % places.size()]];
    const std::string before = line;
    kind.spoil(line);
    if (line == before)
      continue;
    what = std::string(kind.name) + ": " + before;
    std::string text;
    for (const std::string& one : lines)
      text += one + "\n";
    return emitIr(text, soc, Emit::program | Emit::cpp);
  }
  return Error{.message = "no fault has a place in this kernel"};
}

} // namespace ptotune::test
