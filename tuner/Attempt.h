// One measurement by a runner, as the searches keep it.
#pragma once

#include "runners/Runner.h"

namespace ptotune {

// Measures the artifact. Problem, point and hashes of the answer are those of `blank`, whatever the
// runner's own trial names. An error: the runner cannot go on.
Result<Trial> attemptAs(const Trial& blank, Runner& runner, const Artifact& artifact,
                        const Budget& budget);

} // namespace ptotune
