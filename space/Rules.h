// Legality: named predicates over (problem, target, point), and enumeration of the points that
// pass all of them.
#pragma once

#include "space/Point.h"
#include "space/Problem.h"
#include "space/Soc.h"
#include "space/Space.h"
#include "space/Verdict.h"

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ptotune {

struct RuleContext {
  const Problem& problem;
  const SocProfile& soc;
  const Point& point;
};

enum class LimitOf : std::uint8_t { hardware, library, kernel };

// A rule reads only the parameters it lists, so that it can run on partial assignments as soon as
// they are known.
struct Rule {
  std::string_view id;
  std::string_view title;
  std::string_view source;
  LimitOf limitOf;
  std::vector<Param> reads;
  // Cheap yes/no, for enumeration.
  bool (*holds)(const RuleContext&);
  // The same answer with its numbers: appends to rejections or facts.
  void (*explain)(const RuleContext&, Explanation&);
};

// Whether rules behind this one cannot be judged where it does not hold.
bool isPrecondition(std::string_view id);

// All rules of the flash-attention family, cheap ones first.
std::span<const Rule> rules();

// Judges by every rule that can still be judged (a rule whose inputs are meaningless after an
// earlier rejection, such as CUBE_S1 not dividing TILE_S1, is left out).
Verdict check(const RuleContext& context);
// The same judgement in words: what every rule that was judged found, with its numbers.
Explanation explain(const RuleContext& context);
// Whether every rule holds; no rule is judged behind the first that does not.
bool legal(const RuleContext& context);

struct Enumeration {
  std::uint64_t raw = 0;
  std::uint64_t legal = 0;
  // Full assignments, by the first rule in the order of rules() that does not hold.
  std::map<std::string, std::uint64_t> rejected;
};

// Calls `visit` for every legal point of the space in canonical order: by the order of Param and of
// the domains. raw = legal + sum of rejected, exactly; constraints of the space file reject as
// "constraints[0]". For spaces that can be searched point by point; others are held factored
// (PointSet.h).
Enumeration enumerate(const Problem& problem, const SocProfile& soc, const Space& space,
                      const std::function<void(const Point&)>& visit);

// Whether upstream's manual kernel can express this point for this problem: its FIFO depth is 8,
// its unit flag on, and its own limits hold (pto-isa kernels/manual/common/flash_atten, 3186c381).
// The text names the first limit that does not hold; empty when it can.
std::string manualKernelObjection(const RuleContext& context);

} // namespace ptotune
