// What 'pto-tune simulate' says of a run, for people and as JSON.
#pragma once

#include "runners/sim/Functional.h"
#include "runners/sim/Sharing.h"
#include "space/Job.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>

namespace ptotune::cli {

struct Simulation {
  Problem problem;
  sim::SimResult timing;
  std::optional<sim::SharingCost> sharing; // of a run that finished
  std::optional<sim::FunctionalResult> numbers;
  // Of a run with the checker, with data or without.
  std::optional<sim::HazardReport> hazards;

  // Finished, right, and free of hazards, as far as was asked.
  bool good() const;
};

struct ReportOptions {
  std::size_t width = 80;
  bool tables = false; // also what every pipe does and waits for
};
std::string simulationText(const SocProfile& soc, const Simulation& simulation,
                           const ReportOptions& options);
nlohmann::ordered_json simulationJson(const SocProfile& soc, const Simulation& simulation);

} // namespace ptotune::cli
