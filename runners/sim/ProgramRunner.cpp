#include "runners/sim/ProgramRunner.h"

#include "codegen/program/Serial.h"
#include "codegen/program/Version.h"
#include "space/Bound.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>

namespace ptotune {

std::string SimArtifact::wire() const {
  if (text_.empty())
    return "{}";
  return nlohmann::json{{"program", text_},
                        {"program_hash", programHash_.hex()},
                        {"source_hash", sourceHash_.hex()},
                        {"seconds", seconds_}}
      .dump();
}

namespace sim {
namespace {

using Clock = std::chrono::steady_clock;

// Instructions of one core that a slow host simulates in a millisecond: what a budget is worth,
// told without a clock so that it is the same everywhere.
constexpr std::int64_t kInstructionsPerMillisecond = 10'000;

TrialStatus statusOf(Outcome outcome) {
  switch (outcome) {
  case Outcome::finished:
    return TrialStatus::correct;
  case Outcome::hang:
    return TrialStatus::hang;
  case Outcome::limit:
    return TrialStatus::timeout;
  case Outcome::protocolError:
  case Outcome::invalid:
    break;
  }
  return TrialStatus::runtime;
}

} // namespace

Environment ProgramRunner::environment() const {
  Environment environment;
  environment.soc = soc_.name;
  environment.socHash = soc_.hash;
  environment.runner = kSimRunner;
  environment.runnerVersion = kVersion;
  environment.toolchain = kCodegenVersion;
  environment.toolVersion = PTO_TUNE_VERSION;
  environment.cores = soc_.cubeCores;
  environment.frequency = static_cast<std::int64_t>(soc_.clockHz);
  return environment;
}

Result<std::shared_ptr<const Artifact>> ProgramRunner::prepare(const Candidate& /*candidate*/) {
  return Error{.message = "a worker of the runner 'sim' lowers nothing"};
}

Result<std::shared_ptr<const Artifact>> ProgramRunner::adopt(const Candidate& /*candidate*/,
                                                             std::string_view wire) {
  try {
    const auto all = nlohmann::json::parse(wire);
    const auto program = program::deserialize(all.at("program").get_ref<const std::string&>());
    if (!program)
      return program.error();
    auto code = compile(*program, soc_);
    if (!code)
      return code.error();
    return std::shared_ptr<const Artifact>(std::make_shared<SimArtifact>(
        *code, Hash::parse(all.at("source_hash").get<std::string>()),
        Hash::parse(all.at("program_hash").get<std::string>()), all.at("seconds").get<double>()));
  } catch (const nlohmann::json::exception& wrong) {
    return Error{.message = fmt::format("the lowered kernel is not understood: {}", wrong.what())};
  }
}

bool ProgramRunner::calibrated(const Problem& problem, std::int64_t cores) const {
  const CalibrationRange& range = soc_.calibration;
  return !soc_.derived && problem.head == range.head && problem.s1 >= range.s1Min &&
         problem.s1 <= range.s1Max && cores <= range.coresMax && !problem.causal;
}

Trial ProgramRunner::measure(const Candidate& candidate, const Artifact& artifact,
                             const Budget& budget) {
  Trial trial;
  trial.problem = candidate.problem;
  trial.point = candidate.point;
  trial.sourceHash = artifact.sourceHash();
  trial.programHash = artifact.programHash();
  const auto* lowered = dynamic_cast<const SimArtifact*>(&artifact);
  if (lowered == nullptr) {
    trial.detail = "the artifact was prepared by another runner";
    return trial;
  }
  SimOptions options;
  const std::int64_t milliseconds = std::clamp<std::int64_t>(
      budget.limit.count(), 0, options.instructionLimit / kInstructionsPerMillisecond);
  options.instructionLimit = milliseconds * kInstructionsPerMillisecond;
  const auto start = Clock::now();
  const SimResult result = simulate(lowered->code(), candidate.problem, options);
  trial.status = statusOf(result.outcome);
  trial.detail = result.detailText();
  if (trial.status == TrialStatus::correct) {
    trial.seconds = {result.seconds};
    // The cheap bound: the longest path costs more than simulating the point does.
    trial.boundSeconds = resourceBound(candidate.problem, soc_, candidate.point).seconds;
  }
  trial.prepareSeconds = lowered->seconds();
  trial.measureSeconds = std::chrono::duration<double>(Clock::now() - start).count();
  trial.calibrated = calibrated(candidate.problem, result.activeCores);
  return trial;
}

} // namespace sim
} // namespace ptotune
