#include "runners/SimRunner.h"

#include "codegen/Lowering.h"
#include "codegen/program/Serial.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace ptotune {

SimRunner::SimRunner(SocProfile soc, std::size_t capacity, bool forWorkers)
    : ProgramRunner(std::move(soc)), capacity_(std::max<std::size_t>(capacity, 1)),
      forWorkers_(forWorkers) {}

SimRunner::Lowered SimRunner::lower(const Key& key) const {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const auto kernel = ptotune::lower(key.first, key.second, soc_, Emit::program | Emit::cpp);
  if (!kernel)
    return kernel.error();
  auto code = sim::compile(kernel->program, soc_);
  if (!code)
    return code.error();
  std::string text = forWorkers_ ? program::serialize(kernel->program) : std::string();
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return std::shared_ptr<const Artifact>(std::make_shared<SimArtifact>(
      *code, kernel->sourceHash, kernel->programHash, seconds, std::move(text)));
}

Result<std::shared_ptr<const Artifact>> SimRunner::prepare(const Candidate& candidate) {
  const Key key{KernelSpec::of(candidate.problem), candidate.point};
  std::promise<Lowered> promise;
  std::shared_future<Lowered> lowered;
  bool mine = false;
  {
    const std::lock_guard lock(mutex_);
    const auto found = cache_.find(key);
    if (found != cache_.end()) {
      ages_.splice(ages_.begin(), ages_, found->second.age);
      lowered = found->second.lowered;
    } else {
      mine = true;
      lowered = promise.get_future().share();
      ages_.push_front(key);
      cache_.emplace(key, Slot{lowered, ages_.begin()});
      if (cache_.size() > capacity_) {
        cache_.erase(ages_.back());
        ages_.pop_back();
      }
    }
  }
  if (mine)
    promise.set_value(lower(key));
  return lowered.get();
}

} // namespace ptotune
