// Listens to a run and checks every access of every tile operation against the accesses before it.
//
// An event comes after those it depends on. So of two operations that no order binds, either may
// come first here; the tiles that they work for tell which one should.
#pragma once

#include "runners/sim/Code.h"
#include "runners/sim/Hazards.h"
#include "runners/sim/data/Operands.h"
#include "runners/sim/hazards/Accesses.h"
#include "runners/sim/hazards/HappensBefore.h"
#include "runners/sim/hazards/Owners.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace ptotune::sim {

class HazardChecker : public Listener {
public:
  HazardChecker(const program::Program& program, const SocProfile& soc, const Problem& problem,
                std::size_t limit);

  void on(const IssuedEvent& event) override;
  void on(const FinishedEvent& event) override;
  void on(const SignalEvent& event) override { order_.on(event); }
  void on(const TakenEvent& event) override { order_.on(event); }
  void on(const FifoEvent& event) override { operands_.follow(event); }

  // Of everything seen so far; `run` is what became of it.
  HazardReport report(SimResult run) const;

private:
  // What is kept of an operation.
  struct Checked {
    Executed what;
    Stamp stamp;
    std::int64_t round = 0;
    std::int64_t entry = 0; // of the FIFO in its view
    std::int64_t entryRound = 0;
  };
  // The tile that an access is for.
  struct Tag {
    std::int64_t round = 0;
    std::int64_t tile = 0;
    auto operator<=>(const Tag&) const = default;
  };
  // Two operations at odds over bytes of one operand.
  struct Conflict {
    HazardKind kind = HazardKind::misuse;
    OpId first = kNobody;
    OpId second = kNobody;
    std::int32_t space = 0;
    std::int64_t place = 0; // copy of the buffer, slot of the FIFO
    const std::string* object = nullptr;
    std::int64_t begin = 0;
    std::int64_t end = 0;
  };
  // Conflicts between the same cores over the same place for the same tiles are one hazard.
  using Likeness = std::tuple<HazardKind, std::int32_t, std::int64_t, int, int, Tag, Tag>;
  // A hazard to be; of a misuse, all is said.
  struct Finding {
    Conflict conflict;
    Hazard misuse;
  };
  // One operand that an operation has written, all its bytes and what lies between.
  struct Write {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    OpId writer = kNobody;
  };
  enum class Relation : std::uint8_t { same, older, newer, unknown };

  const Checked& checked(OpId id) const { return checked_[static_cast<std::size_t>(id)]; }
  Tag tagOf(OpId id, std::int32_t space) const;
  // How what `other` wrote stands to what `self` works for.
  Relation relation(OpId other, OpId self, std::int32_t space, bool running) const;
  bool before(OpId earlier, OpId self) const {
    return order_.before(checked(earlier).stamp, checked(self).stamp.chain);
  }

  void check(const Operation& op);
  void read(OpId self, const Access& access, const Run& run);
  void readOf(OpId self, const Access& access, const Owner& owner, std::int64_t begin,
              std::int64_t end);
  void write(OpId self, const Access& access, const Run& run);
  void overwrite(OpId self, OpId other, bool otherReads, const Access& access, const Owner& owner,
                 std::int64_t begin, std::int64_t end);
  void conflict(HazardKind kind, OpId first, OpId second, const Access& access, std::int64_t begin,
                std::int64_t end);
  void settle(OpId self);
  // Who first wrote over the bytes that a read finds to be another tile's; the writer whose bytes
  // it finds where nobody had written them for the reader's tile.
  OpId culprit(const Conflict& conflict) const;
  Likeness likeness(const Conflict& conflict) const;
  Hazard hazardOf(const Conflict& conflict) const;
  void addMisuse(OpId self, const Operation& op);
  std::string tell(OpId id) const;

  const program::Program& program_;
  Operands operands_;
  AccessTable table_;
  HappensBefore order_;
  std::size_t limit_;
  std::array<Ring<Operation>, kCoreCount * kPipeCount> issued_; // by core and pipe
  std::vector<Owners> owners_;                                  // by space
  std::vector<std::vector<Write>> writes_;                      // by space, in order
  std::vector<Checked> checked_;
  std::vector<Conflict> conflicts_; // of the operation at hand
  std::vector<Finding> findings_;
  std::map<Likeness, std::size_t> alike_; // index into findings_
  // Hazards of reads that found old bytes or none: the write that they should have found may still
  // come, and then is the better answer.
  std::map<std::pair<OpId, std::int32_t>, std::size_t> early_; // by reader and space
  std::int64_t found_ = 0;
};

} // namespace ptotune::sim
