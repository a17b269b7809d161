#include "tuner/Attempt.h"

namespace ptotune {

Result<Trial> attemptAs(const Trial& blank, Runner& runner, const Artifact& artifact,
                        const Budget& budget) {
  auto trial = runner.attempt({blank.problem, blank.point}, artifact, budget);
  if (!trial)
    return trial;
  trial->problem = blank.problem;
  trial->point = blank.point;
  trial->sourceHash = blank.sourceHash;
  trial->programHash = blank.programHash;
  return trial;
}

} // namespace ptotune
