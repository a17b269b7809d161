// What `pto-tune study --perturbed` prints.
#pragma once

#include "space/Job.h"
#include "tuner/measured/Perturbed.h"

#include <string>

namespace ptotune::cli {

// The tables of a study on perturbed devices; every line ended.
std::string perturbedReport(const Job& job, const PerturbedOptions& options,
                            const PerturbedResult& result);

} // namespace ptotune::cli
