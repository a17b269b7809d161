#include "tuner/cli/TuneJson.h"

#include "space/Bound.h"
#include "tuner/cli/Json.h"

#include <nlohmann/json.hpp>

namespace ptotune::cli {
namespace {

using nlohmann::ordered_json;

ordered_json trialOrNull(const std::optional<Trial>& trial) {
  return trial ? trialJson(*trial) : ordered_json(nullptr);
}

ordered_json jsonOf(const ProblemResult& result) {
  ordered_json json = {{"problem", problemJson(result.problem)}};
  json.update(enumerationJson(result.enumeration));
  ordered_json failures = ordered_json::object();
  for (const auto& [status, count] : result.failures)
    failures[name(status)] = count;
  json["distinct_programs"] = result.distinct;
  json["complete"] = result.complete;
  json["evaluated"] = result.evaluated;
  json["failures"] = failures;
  json["ties"] = result.ties;
  json["best"] = trialOrNull(result.best);
  json["seed"] = trialOrNull(result.seed);
  json["manual_kernel"] = trialOrNull(result.manual);
  return json;
}

} // namespace

ordered_json tuneJson(const Job& job, const ProvenResult& result, double seconds) {
  ordered_json problems = ordered_json::array();
  for (std::size_t i = 0; i < result.tune.problems.size(); ++i) {
    ordered_json json = jsonOf(result.tune.problems[i]);
    if (i < result.proofs.size()) {
      const search::Proof& proof = result.proofs[i];
      json["proof"] = {{"bound", proof.bound},
                       {"gap", proof.gap},
                       {"ended", proof.reason},
                       {"held_back_by", proof.critical.text()}};
    } else if (const auto measured = proofOf(job, result, i)) {
      const Trial& best = *result.tune.problems[i].best;
      json["proof"] = {{"bound", measured->bound},
                       {"gap", 0.0},
                       {"ended", "every legal point is answered"},
                       {"held_back_by", timeBound(best.problem, job.soc, best.point).text()}};
    } else {
      json["proof"] = nullptr;
    }
    problems.push_back(std::move(json));
  }
  return {{"job", job.name},
          {"soc", job.soc.name},
          {"runner", result.tune.environment.runner},
          {"space", job.space.name},
          {"interrupted", result.tune.interrupted},
          {"seconds", seconds},
          {"problems", problems}};
}

} // namespace ptotune::cli
