// How hazards are told.
#include "runners/sim/Code.h"
#include "runners/sim/Hazards.h"
#include "runners/sim/hazards/Checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace ptotune::sim {

std::string_view name(HazardKind kind) {
  constexpr std::array<std::string_view, 5> names = {"unwritten", "wrong tile", "unordered read",
                                                     "unordered overwrite", "misuse"};
  return names[static_cast<std::size_t>(kind)];
}

namespace {

std::string tileText(std::int64_t tile) {
  return tile == kUndefined ? "no tile" : fmt::format("tile {}", tile);
}

// "qk slot 3, bytes 0x6000 to 0x7000 of its ring"
std::string where(const Hazard& hazard, std::int32_t space) {
  const std::string bytes = fmt::format("bytes {:#x} to {:#x}", hazard.begin, hazard.end);
  if (Spaces::isTensor(space))
    return fmt::format("{}, {}", hazard.object, bytes);
  if (Spaces::isRing(space))
    return fmt::format("{} slot {}, {} of its ring", hazard.object, hazard.place, bytes);
  const auto memory = static_cast<Memory>(static_cast<std::size_t>(space) % kMemoryCount);
  return fmt::format("{}[{}], {} of {}", hazard.object, hazard.place, bytes, name(memory));
}

// One sentence: what may go wrong.
std::string summary(const Hazard& hazard, const std::string& place) {
  const std::string first = tileText(hazard.firstTile);
  const std::string second = tileText(hazard.secondTile);
  switch (hazard.kind) {
  case HazardKind::unwritten:
    return fmt::format("{} is read for {}, but nothing was written there", place, second);
  case HazardKind::wrongTile:
    return fmt::format("{} is read for {} when it has been written for {}", place, second, first);
  case HazardKind::unorderedRead:
    return fmt::format("{} may be read for {} before it is written", place, second);
  case HazardKind::unorderedOverwrite:
    return fmt::format("{} of {} may be overwritten by {} while it is in use", place, first,
                       second);
  case HazardKind::misuse:
    break;
  }
  return place;
}

} // namespace

// "AIV0 P tile 3: TLOAD (instruction 12)"
std::string HazardChecker::tell(OpId id) const {
  const Executed& what = checked(id).what;
  const program::Instr& instr = operands_.instr(what.core, what.instr);
  std::string stage = instr.stage;
  if (what.tile != kUndefined)
    stage += fmt::format("{}tile {}", stage.empty() ? "" : " ", what.tile);
  return fmt::format("{} {}{}{} (instruction {})", coreName(what.core), stage,
                     stage.empty() ? "" : ": ", name(instr.shape.op), what.instr);
}

Hazard HazardChecker::hazardOf(const Conflict& conflict) const {
  Hazard hazard;
  hazard.kind = conflict.kind;
  hazard.second = checked(conflict.second).what;
  hazard.secondTile = tagOf(conflict.second, conflict.space).tile;
  hazard.firstTile = kUndefined;
  hazard.object = *conflict.object;
  hazard.fifo = Spaces::isRing(conflict.space);
  hazard.place = conflict.place;
  hazard.begin = conflict.begin;
  hazard.end = conflict.end;
  const OpId first = conflict.kind == HazardKind::wrongTile ? culprit(conflict) : conflict.first;
  if (hazard.hasFirst()) {
    hazard.first = checked(first).what;
    hazard.firstTile = tagOf(first, conflict.space).tile;
  }
  hazard.text = {summary(hazard, where(hazard, conflict.space))};
  if (hazard.hasFirst())
    hazard.text.push_back(fmt::format(
        "{}: {}", hazard.kind == HazardKind::wrongTile ? "wrote" : "first", tell(first)));
  hazard.text.push_back(
      fmt::format("{}: {}", hazard.hasFirst() ? "then" : "by", tell(conflict.second)));
  if (hazard.kind == HazardKind::unorderedRead || hazard.kind == HazardKind::unorderedOverwrite)
    hazard.text.emplace_back("missing: an order from the first to the second");
  return hazard;
}

void HazardChecker::addMisuse(OpId self, const Operation& op) {
  for (const Fault& fault : op.faults) {
    ++found_;
    if (findings_.size() == limit_)
      return;
    Hazard hazard;
    hazard.kind = HazardKind::misuse;
    hazard.second = op.what;
    hazard.fifo = Spaces::isRing(fault.space);
    hazard.firstTile = kUndefined;
    hazard.secondTile = hazard.fifo ? fault.entry : op.what.tile;
    hazard.object = table_.objectName(fault.space, fault.object);
    hazard.place = fault.place;
    hazard.begin = fault.bytes.offset;
    hazard.end = fault.bytes.offset + fault.bytes.bytes;
    hazard.text = {fmt::format("{}: {}", where(hazard, fault.space), fault.text),
                   "by: " + tell(self)};
    findings_.push_back({{}, std::move(hazard)});
  }
}

HazardReport HazardChecker::report(SimResult run) const {
  HazardReport report{std::move(run), {}, found_, static_cast<std::int64_t>(checked_.size())};
  for (const Finding& finding : findings_)
    report.hazards.push_back(
        finding.conflict.kind == HazardKind::misuse ? finding.misuse : hazardOf(finding.conflict));
  return report;
}

std::string HazardReport::text() const {
  std::string text =
      fmt::format("{}, {} operations, {} pairs at odds\n", name(run.outcome), operations, found);
  for (const std::string& line : run.detail)
    text += fmt::format("  {}\n", line);
  for (const Hazard& hazard : hazards) {
    text += fmt::format("{}: {}\n", name(hazard.kind), hazard.text.front());
    for (std::size_t i = 1; i < hazard.text.size(); ++i)
      text += fmt::format("  {}\n", hazard.text[i]);
  }
  return text;
}

void HazardReport::append(HazardReport next) {
  std::ranges::move(next.hazards, std::back_inserter(hazards));
  found += next.found;
  operations += next.operations;
}

namespace {

HazardReport findInLaunches(const program::Program& program, const Code& code,
                            const SocProfile& soc, const Problem& problem,
                            const HazardOptions& options) {
  HazardChecker checker(program, soc, problem, options.limit);
  SimResult run = simulateLaunch(code, problem, options.run, &checker);
  HazardReport report = checker.report(std::move(run));
  if (!program.next || report.run.outcome != Outcome::finished)
    return report;
  HazardOptions behind = options;
  behind.run.blockIdx = SimOptions::kBusiest;
  behind.run.delays.fixed.clear(); // they name operations of the first launch
  HazardReport next = findInLaunches(*program.next, *code.next, soc, problem, behind);
  if (next.run.outcome != Outcome::finished) {
    report.run.outcome = next.run.outcome;
    report.run.detail = next.run.detail;
  }
  report.append(std::move(next));
  return report;
}

} // namespace

HazardReport findHazards(const program::Program& program, const SocProfile& soc,
                         const Problem& problem, const HazardOptions& options) {
  HazardReport report;
  const auto code = compile(program, soc, Reads::operands);
  if (!code) {
    report.run.outcome = Outcome::invalid;
    report.run.detail = {code.error().text()};
    return report;
  }
  return findInLaunches(program, **code, soc, problem, options);
}

Delays exposing(const HazardReport& report, const Hazard& hazard) {
  Delays delays;
  if (hazard.kind == HazardKind::unorderedRead || hazard.kind == HazardKind::unorderedOverwrite)
    delays.fixed.push_back({hazard.first.core, hazard.first.sequence, report.run.cycles + 1});
  return delays;
}

} // namespace ptotune::sim
