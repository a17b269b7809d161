// Answers from recorded trials: searches can be studied without a device.
#pragma once

#include "db/Records.h"
#include "db/exchange/Exchange.h"
#include "runners/Runner.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace ptotune {

struct ReplayOptions {
  std::string path;        // .jsonl, .csv, .json (T4), else a database
  std::string environment; // id, or its first digits, at least four; empty: the only one
  std::string soc;         // what is replayed was recorded on; empty: any
  T4Defaults defaults;     // for a T4 file that does not say them
};

// A trial has the samples of all correct trials of its point in the recording, in the order in
// which they were recorded, and the recorded seconds of building and running: simulated time. A
// point that was pruned answers with its program's trial. A point without a trial is `constraints`.
// Every call may come from many threads at once.
class ReplayRunner : public Runner {
public:
  static constexpr const char* kName = "replay";

  static Result<std::unique_ptr<ReplayRunner>> load(const ReplayOptions& options);

  // Runner "replay"; its version is the content of the recording, its toolchain names who recorded.
  Environment environment() const override { return environment_; }
  bool exact() const override { return true; }
  // Nothing is built: the artifact has the recorded hashes, or one of the point's own.
  Result<std::shared_ptr<const Artifact>> prepare(const Candidate& candidate) override;
  Trial measure(const Candidate& candidate, const Artifact& artifact,
                const Budget& budget) override;

  std::size_t trials() const { return trials_.size(); } // points with an answer, over all problems

private:
  using Place = std::pair<Hash, Point>; // of the problem
  ReplayRunner(const Environment& recorded, const Records& records);
  void add(const Trial& trial);

  Environment environment_;
  std::map<Place, Trial> trials_;
  std::map<std::pair<Hash, Hash>, Place> programs_; // problem and program
  // The kernel of a point is that of every problem with its spec.
  std::map<std::pair<KernelSpec, Point>, std::pair<Hash, Hash>> kernels_; // source, program
};

} // namespace ptotune
