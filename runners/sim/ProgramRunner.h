// Measures on the virtual Ascend what another process, or a subclass, has lowered. Knows no
// compiler.
#pragma once

#include "runners/Runner.h"
#include "runners/sim/Simulator.h"
#include "space/Soc.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace ptotune {

// A lowered kernel in the simulator's form: the C++ text and the Program are dropped. The Program's
// text is kept where it is to go to another process.
class SimArtifact : public Artifact {
public:
  // `text`: program::serialize of the program that `code` was made of, or "".
  SimArtifact(std::shared_ptr<const sim::Code> code, Hash sourceHash, Hash programHash,
              double seconds, std::string text = {})
      : code_(std::move(code)), sourceHash_(sourceHash), programHash_(programHash),
        seconds_(seconds), text_(std::move(text)) {}

  Hash sourceHash() const override { return sourceHash_; }
  Hash programHash() const override { return programHash_; }
  std::string wire() const override;
  const sim::Code& code() const { return *code_; }
  double seconds() const { return seconds_; } // that lowering took

private:
  std::shared_ptr<const sim::Code> code_;
  Hash sourceHash_;
  Hash programHash_;
  double seconds_;
  std::string text_;
};

namespace sim {

// Every call may come from many threads at once. A simulation is exact, so a trial has one sample
// whatever the budget's repetitions.
class ProgramRunner : public Runner {
public:
  explicit ProgramRunner(SocProfile soc) : soc_(std::move(soc)) {}

  Environment environment() const override;
  bool exact() const override { return true; }
  // An error: it adopts.
  Result<std::shared_ptr<const Artifact>> prepare(const Candidate& candidate) override;
  Result<std::shared_ptr<const Artifact>> adopt(const Candidate& candidate,
                                                std::string_view wire) override;
  // `correct` with the device's seconds; `hang` with the wait-for cycle as detail; `runtime` when
  // the kernel breaks the synchronisation protocol; `timeout` when it executes more instructions
  // than the budget's time is worth.
  Trial measure(const Candidate& candidate, const Artifact& artifact,
                const Budget& budget) override;

protected:
  const SocProfile soc_;

private:
  bool calibrated(const Problem& problem, std::int64_t cores) const;
};

} // namespace sim
} // namespace ptotune
