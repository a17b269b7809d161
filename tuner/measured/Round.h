// Points that are answered together: see MeasuredSearch.h.
#pragma once

#include "runners/Runner.h"
#include "tuner/Parallel.h"
#include "tuner/TrialStore.h"
#include "tuner/Tuner.h"
#include "tuner/measured/Prelude.h"

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace ptotune {

// One of the points; `measured` when a runner answered it, now or in an earlier run of the search:
// it was built, or refused by the compiler, and no other point answered for it.
struct Answer {
  Point point;
  Trial trial; // a pruned one has the time of its program in `outcome`
  bool finished = false;
  bool measured = false;
  bool fresh = false; // by this run
  std::optional<double> time;
};

// Answers points of one problem from what is known, or by building and measuring.
class Rounds {
public:
  // `soc`: of the job, for which points are lowered.
  Rounds(const Problem& problem, const SocProfile& soc, Runner& runner, TrialStore& store,
         const TuneOptions& options, TuneProgress& progress, Arena& arena, const Prelude& prelude);

  // In the order of the points; after a stop some are not finished. Fails where the store does, or
  // where the runner cannot go on; whatever was measured before is stored.
  Result<std::vector<Answer>> answer(const std::vector<Point>& points);

  // All answers so far, the prelude's among them.
  const KnownTrials& known() const { return known_; }

private:
  struct Task {
    std::size_t number = 0; // of its point
    Hash program;           // empty while it is not known
    std::shared_ptr<const Artifact> artifact;
    std::optional<Error> error;
    double prepareSeconds = 0;
    bool measure = false;
  };

  bool fromStore(Answer& answer);
  std::vector<Task> openTasks(const std::vector<Answer>& answers) const;
  void lowerAll(std::vector<Task>& tasks, const std::vector<Answer>& answers);
  void chooseMeasured(std::vector<Task>& tasks) const;
  void prepare(std::vector<Task>& tasks, const std::vector<Answer>& answers);
  void prepareAndMeasure(std::vector<Task>& tasks, std::vector<Answer>& answers);
  void build(Task& task, const Point& point);
  void measure(const std::vector<Task>& tasks, std::vector<Answer>& answers);
  void measure(const Task& task, Answer& answer);
  void finishUnmeasured(const std::vector<Task>& tasks, std::vector<Answer>& answers);
  void settle(Answer& answer);
  Trial blankTrial(const Task& task, const Point& point) const;
  // Stores what is finished, now and then: `number` is that of the point.
  void keep(std::size_t number, const Trial& trial);
  void flush();
  void storeKept(); // with the mutex
  void lose(const Error& error);

  const Problem& problem_;
  const SocProfile& soc_;
  Runner& runner_;
  TrialStore& store_;
  const TuneOptions& options_;
  TuneProgress& progress_;
  Arena& arena_;
  const Environment environment_;
  KnownTrials known_;
  KnownTrials another_;
  std::map<Point, Trial> replay_;

  std::mutex mutex_;                                // of what follows
  std::vector<std::pair<std::size_t, Trial>> kept_; // that are not stored yet
  std::chrono::steady_clock::time_point stored_;
  Status failure_; // of the store, or of the runner
  bool storeFailed_ = false;
};

} // namespace ptotune
