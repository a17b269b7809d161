#include "space/fa/FaRules.h"
#include "space/fa/FaSchedule.h"
#include "space/protocol/Proof.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <mutex>
#include <shared_mutex>

namespace ptotune::fa {
namespace {

// Proofs by structure; most parameters do not touch the protocol. Entries are never removed, so
// references into the map stay valid.
class Memo {
public:
  const ProtocolProof& analyseOnce(const ProtocolStructure& structure, int counterMax) {
    const auto key = std::pair(structure, counterMax);
    {
      const std::shared_lock lock(mutex_);
      const auto found = proofs_.find(key);
      if (found != proofs_.end())
        return found->second;
    }
    auto proof = analyse(structure, counterMax);
    const std::unique_lock lock(mutex_);
    return proofs_.try_emplace(key, std::move(proof)).first->second;
  }

private:
  std::shared_mutex mutex_;
  std::map<std::pair<ProtocolStructure, int>, ProtocolProof> proofs_;
};

// The key loops are shortened where that is proven to decide them, else judged as they are.
const ProtocolProof& judge(const RuleContext& c) {
  static Memo memo;
  // The protocol's rules ask one after the other for one structure.
  struct Last {
    ProtocolStructure structure;
    int counterMax = 0;
    const ProtocolProof* proof = nullptr;
  };
  static thread_local Last last;
  const ProtocolStructure structure = protocolStructure(c.problem, c.point, c.soc);
  const int counterMax = c.soc.fftsCounterMax;
  if (!last.proof || last.structure != structure || last.counterMax != counterMax)
    last = {structure, counterMax, &memo.analyseOnce(structure, counterMax)};
  if (last.proof->longerToo)
    return *last.proof;
  return memo.analyseOnce(protocolStructure(c.problem, c.point, c.soc, Loops::whole), counterMax);
}

const ProtocolResult* find(const RuleContext& c, ProtocolFault fault) {
  const auto& faults = judge(c).faults;
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
    lines.push_back(fmt::format("{:<2} {} slot{}, one free credit every {}", names[f], s.slots[f],
                                s.slots[f] == 1 ? "" : "s",
                                s.periods[f] == 1 ? std::string("tile")
                                                  : fmt::format("{} tiles", s.periods[f])));
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
  const ProtocolResult* found = find(c, fault);
  Finding finding{.rule = rule, .text = fine};
  if (found || fault == ProtocolFault::hang)
    finding.details = periods(c);
  if (!found) {
    explanation.facts.push_back(std::move(finding));
    return;
  }
  ProtocolResult result = inKernel(*found, c.problem, c.point, c.soc);
  if (result.tiles != tiles(c.problem, c.point))
    finding.details.push_back(
        fmt::format("the shortest key loop in which this happens has {} tile{}", result.tiles,
                    result.tiles == 1 ? "" : "s"));
  finding.text = std::move(result.summary);
  std::ranges::move(result.witness, std::back_inserter(finding.details));
  finding.limit = fault == ProtocolFault::counter ? c.soc.fftsCounterMax : 0;
  if (fault == ProtocolFault::counter)
    finding.operands = {{"pending", result.operand}};
  if (fault == ProtocolFault::slot || fault == ProtocolFault::ring) {
    finding.object = std::move(result.object);
    finding.operands = {{"reader", result.reader}, {"writer", result.writer}};
  }
  finding.links = std::move(result.links);
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
