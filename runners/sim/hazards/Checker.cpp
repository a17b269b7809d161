#include "runners/sim/hazards/Checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ptotune::sim {

namespace {

std::size_t pipeIndex(const Executed& what) {
  return static_cast<std::size_t>(what.core) * kPipeCount + static_cast<std::size_t>(what.pipe);
}

} // namespace

HazardChecker::HazardChecker(const program::Program& program, const SocProfile& soc,
                             const Problem& problem, std::size_t limit)
    : program_(program), operands_(program, soc, problem), table_(program, operands_),
      limit_(limit), owners_(static_cast<std::size_t>(operands_.spaces().count())),
      writes_(owners_.size()) {}

// --- Events ------------------------------------------------------------------------------------

void HazardChecker::on(const IssuedEvent& event) {
  order_.on(event);
  operands_.follow(event);
  const program::Instr& instr = operands_.instr(event.what.core, event.what.instr);
  if (instr.kind == program::InstrKind::op)
    issued_[pipeIndex(event.what)].push(operands_.resolve(event));
}

void HazardChecker::on(const FinishedEvent& event) {
  const program::InstrKind kind = operands_.instr(event.what.core, event.what.instr).kind;
  if (kind != program::InstrKind::op) {
    order_.passed(event.what, kind == program::InstrKind::barrier);
    return;
  }
  Ring<Operation>& issued = issued_[pipeIndex(event.what)];
  check(issued.front());
  issued.pop();
}

// --- Ownership ---------------------------------------------------------------------------------

HazardChecker::Tag HazardChecker::tagOf(OpId id, std::int32_t space) const {
  const Checked& op = checked(id);
  return Spaces::isRing(space) ? Tag{op.entryRound, op.entry} : Tag{op.round, op.what.tile};
}

HazardChecker::Relation HazardChecker::relation(OpId other, OpId self, std::int32_t space,
                                                bool running) const {
  const Tag theirs = tagOf(other, space);
  const Tag own = tagOf(self, space);
  if (running || theirs.tile == kUndefined || own.tile == kUndefined)
    return Relation::unknown;
  if (theirs == own)
    return Relation::same;
  return theirs < own ? Relation::older : Relation::newer;
}

void HazardChecker::check(const Operation& op) {
  const auto self = static_cast<OpId>(checked_.size());
  const Stamp stamp = order_.begin(op.what);
  checked_.push_back({op.what, stamp, op.round, op.view.entry, op.view.round});
  if (!op.faults.empty())
    addMisuse(self, op);
  for (const Access& access : table_.of(op)) {
    const bool reads = access.touch == Touch::read;
    for (const Run& run : *access.runs)
      reads ? read(self, access, run) : write(self, access, run);
    if (reads)
      continue;
    const Run all = hull(*access.runs);
    writes_[static_cast<std::size_t>(access.space)].push_back(
        {access.base + all.offset, access.base + all.offset + all.bytes, self});
  }
  settle(self);
  order_.end(stamp);
}

void HazardChecker::read(OpId self, const Access& access, const Run& run) {
  Owners& owners = owners_[static_cast<std::size_t>(access.space)];
  const std::int64_t begin = access.base + run.offset;
  const std::int64_t end = begin + run.bytes;
  const auto sameChain = [&](OpId other) {
    return checked(other).stamp.chain == checked(self).stamp.chain;
  };
  std::vector<std::pair<std::int64_t, std::int64_t>> unowned;
  owners.visit(
      begin, end,
      [&](std::int64_t from, std::int64_t to, Owner& owner) {
        readOf(self, access, owner, from, to);
        owner.readers.add(self, sameChain);
      },
      [&](std::int64_t from, std::int64_t to) { unowned.emplace_back(from, to); });
  for (const auto& [from, to] : unowned) {
    Owner& nobody = owners.replace(from, to, [](std::int64_t, std::int64_t, const Owner&) {});
    readOf(self, access, nobody, from, to);
    nobody.readers.add(self, sameChain);
  }
}

// A read of bytes with this owner.
void HazardChecker::readOf(OpId self, const Access& access, const Owner& owner, std::int64_t begin,
                           std::int64_t end) {
  using enum HazardKind;
  if (owner.writer == kNobody) {
    // The host wrote the tensors that the kernel reads.
    if (!Spaces::isTensor(access.space))
      conflict(unwritten, kNobody, self, access, begin, end);
    return;
  }
  if (owner.writer == self)
    return;
  const Relation is = relation(owner.writer, self, access.space, owner.running);
  if (before(owner.writer, self)) {
    if (owner.scratch)
      conflict(unwritten, kNobody, self, access, begin, end);
    else if (is == Relation::older || is == Relation::newer)
      conflict(wrongTile, owner.writer, self, access, begin, end);
    return;
  }
  if (is == Relation::newer || owner.scratch)
    conflict(unorderedOverwrite, self, owner.writer, access, begin, end);
  else
    conflict(is == Relation::older ? wrongTile : unorderedRead, owner.writer, self, access, begin,
             end);
}

void HazardChecker::write(OpId self, const Access& access, const Run& run) {
  Owners& owners = owners_[static_cast<std::size_t>(access.space)];
  const std::int64_t begin = access.base + run.offset;
  const std::int64_t end = begin + run.bytes;
  const bool scratch = access.touch == Touch::scratch;
  bool running = !Spaces::isRing(access.space) && checked(self).what.tile == kUndefined;
  Owner& owned =
      owners.replace(begin, end, [&](std::int64_t from, std::int64_t to, const Owner& past) {
        running |= past.running;
        if (past.writer != kNobody)
          overwrite(self, past.writer, false, access, past, from, to);
        past.readers.each(
            [&](OpId reader) { overwrite(self, reader, true, access, past, from, to); });
      });
  owned.writer = self;
  owned.scratch = scratch;
  owned.running = running && !scratch;
}

// A write over bytes that `other` wrote, or read since they were written.
void HazardChecker::overwrite(OpId self, OpId other, bool otherReads, const Access& access,
                              const Owner& owner, std::int64_t begin, std::int64_t end) {
  using enum HazardKind;
  if (other == self || before(other, self))
    return;
  const Relation is = relation(other, self, access.space, owner.running);
  // A reader that found nothing, or another tile's bytes, should have waited for this write.
  const bool foundNone = owner.writer == kNobody;
  const bool foundOther =
      !foundNone && is == Relation::same &&
      relation(owner.writer, other, access.space, owner.running) != Relation::same;
  if (otherReads && access.touch == Touch::write && (foundNone || foundOther))
    conflict(unorderedRead, self, other, access, begin, end);
  else if (is == Relation::newer)
    conflict(unorderedOverwrite, self, other, access, begin, end);
  else
    conflict(unorderedOverwrite, other, self, access, begin, end);
}

OpId HazardChecker::culprit(const Conflict& conflict) const {
  const auto& writes = writes_[static_cast<std::size_t>(conflict.space)];
  const Tag own = tagOf(conflict.second, conflict.space);
  OpId overwriter = conflict.first;
  for (std::size_t i = writes.size(); i-- > 0;) {
    if (writes[i].writer >= conflict.second || writes[i].end <= conflict.begin ||
        writes[i].begin >= conflict.end)
      continue;
    if (tagOf(writes[i].writer, conflict.space) == own)
      return overwriter;
    overwriter = writes[i].writer;
  }
  return conflict.first;
}

void HazardChecker::conflict(HazardKind kind, OpId first, OpId second, const Access& access,
                             std::int64_t begin, std::int64_t end) {
  for (Conflict& known : conflicts_)
    if (known.kind == kind && known.first == first && known.second == second &&
        known.space == access.space) {
      known.begin = std::min(known.begin, begin);
      known.end = std::max(known.end, end);
      return;
    }
  conflicts_.push_back(
      {kind, first, second, access.space, access.place, access.object, begin, end});
}

HazardChecker::Likeness HazardChecker::likeness(const Conflict& conflict) const {
  const OpId first = conflict.first == kNobody ? conflict.second : conflict.first;
  return {conflict.kind,
          conflict.space,
          conflict.place,
          checked(first).what.core,
          checked(conflict.second).what.core,
          tagOf(first, conflict.space),
          tagOf(conflict.second, conflict.space)};
}

// Makes hazards of the conflicts of the operation at hand.
void HazardChecker::settle(OpId self) {
  using enum HazardKind;
  for (const Conflict& conflict : conflicts_) {
    const auto early = early_.find({conflict.second, conflict.space});
    if (conflict.kind == unorderedRead && conflict.first == self && early != early_.end()) {
      findings_[early->second].conflict = conflict;
      early_.erase(early);
      continue;
    }
    ++found_;
    const auto [alike, isNew] = alike_.try_emplace(likeness(conflict), findings_.size());
    if (!isNew) {
      if (alike->second == limit_)
        continue;
      Conflict& known = findings_[alike->second].conflict;
      known.begin = std::min(known.begin, conflict.begin);
      known.end = std::max(known.end, conflict.end);
      continue;
    }
    if (findings_.size() == limit_)
      continue;
    if (conflict.kind == unwritten || conflict.kind == wrongTile)
      early_[{self, conflict.space}] = findings_.size();
    findings_.push_back({conflict, {}});
  }
  conflicts_.clear();
}

} // namespace ptotune::sim
