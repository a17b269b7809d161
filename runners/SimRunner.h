// Measures candidates on the virtual Ascend.
#pragma once

#include "runners/Runner.h"
#include "runners/sim/Simulator.h"
#include "space/Soc.h"

#include <cstddef>
#include <future>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace ptotune {

// A lowered kernel in the simulator's form: the C++ text and the Program are dropped.
class SimArtifact : public Artifact {
public:
  SimArtifact(std::shared_ptr<const sim::Code> code, Hash sourceHash, Hash programHash,
              double seconds)
      : code_(std::move(code)), sourceHash_(sourceHash), programHash_(programHash),
        seconds_(seconds) {}

  Hash sourceHash() const override { return sourceHash_; }
  Hash programHash() const override { return programHash_; }
  const sim::Code& code() const { return *code_; }
  double seconds() const { return seconds_; } // that lowering took

private:
  std::shared_ptr<const sim::Code> code_;
  Hash sourceHash_;
  Hash programHash_;
  double seconds_;
};

// Every call may come from many threads at once. A point is lowered once for all shapes: the last
// `capacity` points stay in a cache, and threads that ask for a point in the making wait for it.
// A simulation is exact, so a trial has one sample whatever the budget's repetitions.
class SimRunner : public Runner {
public:
  static constexpr std::size_t kCapacity = 1024;

  explicit SimRunner(SocProfile soc, std::size_t capacity = kCapacity);

  Environment environment() const override;
  bool exact() const override { return true; }
  Result<std::shared_ptr<const Artifact>> prepare(const Candidate& candidate) override;
  // `correct` with the device's seconds; `hang` with the wait-for cycle as detail; `runtime` when
  // the kernel breaks the synchronisation protocol; `timeout` when it executes more instructions
  // than the budget's time is worth.
  Trial measure(const Candidate& candidate, const Artifact& artifact,
                const Budget& budget) override;

private:
  using Key = std::pair<KernelSpec, Point>;
  using Lowered = Result<std::shared_ptr<const Artifact>>;
  struct Slot {
    std::shared_future<Lowered> lowered;
    std::list<Key>::iterator age;
  };

  Lowered lower(const Key& key) const;
  bool calibrated(const Problem& problem, std::int64_t cores) const;

  const SocProfile soc_;
  const std::size_t capacity_;
  std::mutex mutex_;
  std::map<Key, Slot> cache_;
  std::list<Key> ages_; // used last at the front
};

} // namespace ptotune
