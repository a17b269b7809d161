// Measures candidates on the virtual Ascend.
#pragma once

#include "runners/sim/ProgramRunner.h"

#include <cstddef>
#include <future>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace ptotune {

// Lowers as well. A point is lowered once for all shapes: the last `capacity` points stay in a
// cache, and threads that ask for a point in the making wait for it.
class SimRunner : public sim::ProgramRunner {
public:
  static constexpr std::size_t kCapacity = 1024;

  // `forWorkers`: artifacts keep what another process needs to adopt them.
  explicit SimRunner(SocProfile soc, std::size_t capacity = kCapacity, bool forWorkers = false);

  Result<std::shared_ptr<const Artifact>> prepare(const Candidate& candidate) override;

private:
  using Key = std::pair<KernelSpec, Point>;
  using Lowered = Result<std::shared_ptr<const Artifact>>;
  struct Slot {
    std::shared_future<Lowered> lowered;
    std::list<Key>::iterator age;
  };

  Lowered lower(const Key& key) const;

  const std::size_t capacity_;
  const bool forWorkers_;
  std::mutex mutex_;
  std::map<Key, Slot> cache_;
  std::list<Key> ages_; // used last at the front
};

} // namespace ptotune
