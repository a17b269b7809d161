#include "space/EventGraph.h"
#include "space/fa/FaRules.h"
#include "space/fa/FaSchedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <shared_mutex>

namespace ptotune::fa {
namespace {

// Verdicts by structure; most parameters do not touch the protocol. Entries are never removed, so
// references into the map stay valid.
class Memo {
public:
  const std::vector<ProtocolResult>& analyseOnce(const ProtocolStructure& structure,
                                                 int counterMax) {
    const auto key = std::pair(structure, counterMax);
    {
      const std::shared_lock lock(mutex_);
      const auto found = results_.find(key);
      if (found != results_.end())
        return found->second;
    }
    auto result = analyse(structure, counterMax);
    const std::unique_lock lock(mutex_);
    return results_.try_emplace(key, std::move(result)).first->second;
  }

private:
  std::shared_mutex mutex_;
  std::map<std::pair<ProtocolStructure, int>, std::vector<ProtocolResult>> results_;
};

const std::vector<ProtocolResult>& judge(const RuleContext& c) {
  static Memo memo;
  // The protocol's rules ask one after the other for one structure.
  struct Last {
    ProtocolStructure structure;
    int counterMax = 0;
    const std::vector<ProtocolResult>* results = nullptr;
  };
  static thread_local Last last;
  const ProtocolStructure structure = protocolStructure(c.problem, c.point, c.soc);
  const int counterMax = c.soc.fftsCounterMax;
  if (!last.results || last.structure != structure || last.counterMax != counterMax)
    last = {structure, counterMax, &memo.analyseOnce(structure, counterMax)};
  return *last.results;
}

const ProtocolResult* find(const RuleContext& c, ProtocolFault fault) {
  const auto& faults = judge(c);
  const auto found = std::ranges::find(faults, fault, &ProtocolResult::fault);
  return found == faults.end() ? nullptr : &*found;
}

std::string advice(ProtocolFault fault) {
  switch (fault) {
  case ProtocolFault::hang:
    return "raise SlotNum or lower QK_PRELOAD";
  case ProtocolFault::slot:
    return "raise SlotNum, choose an even one, or lower QK_PRELOAD";
  case ProtocolFault::ring:
    return "raise EXP_RING (SlotNum where it follows) above QK_PRELOAD, or lower QK_PRELOAD";
  case ProtocolFault::counter:
    return "lower SlotNum";
  case ProtocolFault::none:
    break;
  }
  return "";
}

std::vector<std::string> periods(const RuleContext& c) {
  const ProtocolStructure s = protocolStructure(c.problem, c.point, c.soc);
  constexpr const char* names[] = {"QK", "P", "PV"};
  std::vector<std::string> lines;
  lines.reserve(4);
  for (int f = 0; f < 3; ++f)
    lines.push_back(fmt::format("{:<2} {} slots, one free credit every {} tile{}", names[f],
                                s.slots[f], s.periods[f], s.periods[f] == 1 ? "" : "s"));
  lines.push_back(fmt::format("{} tiles of {} key columns, {} preloaded; EXP_RING {}",
                              tiles(c.problem, c.point), c.point.tileS1(), c.point.qkPreload(),
                              c.point.expRing()));
  return lines;
}

template <ProtocolFault fault> bool holds(const RuleContext& c) {
  return find(c, fault) == nullptr;
}

template <ProtocolFault fault>
void explain(const RuleContext& c, Explanation& explanation, const char* rule, const char* fine) {
  const ProtocolResult* result = find(c, fault);
  Finding finding{.rule = rule, .text = fine};
  if (result || fault == ProtocolFault::hang)
    finding.details = periods(c);
  if (!result) {
    explanation.facts.push_back(std::move(finding));
    return;
  }
  finding.text = result->summary;
  finding.details.insert(finding.details.end(), result->witness.begin(), result->witness.end());
  finding.limit = fault == ProtocolFault::counter ? c.soc.fftsCounterMax : 0;
  if (fault == ProtocolFault::counter)
    finding.operands = {{"pending", result->operand}};
  if (fault == ProtocolFault::slot || fault == ProtocolFault::ring) {
    finding.object = result->object;
    finding.operands = {{"reader", result->reader}, {"writer", result->writer}};
  }
  finding.links = result->links;
  finding.advice = advice(fault);
  explanation.rejections.push_back(std::move(finding));
}

} // namespace

std::span<const Rule> protocolRules() {
  using enum LimitOf;
  using enum ProtocolFault;
  static const std::vector<Param> reads = {
      Param::tileS1,    Param::cubeS1,    Param::qkPreload, Param::slotNumQK, Param::slotNumP,
      Param::slotNumPV, Param::pipeModel, Param::expRing,   Param::vecOrder,  Param::kvSplit};
  constexpr std::string_view source =
      "pto-isa TAlloc.hpp, TPush.hpp, TPop.hpp, TFree.hpp (3186c381)";
  static const Rule table[] = {
      {"protocol.hang", "the schedule is live", source, library, reads, holds<hang>,
       [](const RuleContext& c, Explanation& v) {
         explain<hang>(c, v, "protocol.hang", "no event waits for itself");
       }},
      {"protocol.slot", "slots are read before they are reused", source, library, reads,
       holds<slot>,
       [](const RuleContext& c, Explanation& v) {
         explain<slot>(c, v, "protocol.slot", "every slot is read before it is stored to again");
       }},
      {"protocol.ring", "rescale factors are read before they are overwritten",
       "codegen/kernels: ring of EXP_RING factors", kernel, reads, holds<ring>,
       [](const RuleContext& c, Explanation& v) {
         explain<ring>(c, v, "protocol.ring",
                       "every rescale factor is read before its entry is "
                       "written again");
       }},
      {"protocol.counter", "FFTS counters stay in range",
       "pto-isa docs/isa/scalar/ops/pipeline-sync/set-cross-core.md:64 (3186c381)", hardware, reads,
       holds<counter>,
       [](const RuleContext& c, Explanation& v) {
         explain<counter>(c, v, "protocol.counter", "every FFTS counter stays in range");
       }},
  };
  return table;
}

} // namespace ptotune::fa
