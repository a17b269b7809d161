#include "db/Identity.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <bit>
#include <iterator>

namespace ptotune {

std::string canonicalJson(const Environment& environment) {
  const nlohmann::json object = {{"soc", environment.soc},
                                 {"soc_hash", environment.socHash.hex()},
                                 {"runner", environment.runner},
                                 {"runner_version", environment.runnerVersion},
                                 {"toolchain", environment.toolchain},
                                 {"tool_version", environment.toolVersion}};
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string canonicalJson(const KernelIdentity& kernel) {
  const nlohmann::json object = {{"family", kernel.family},
                                 {"builder", kernel.builder},
                                 {"source", kernel.source.hex()},
                                 {"program", kernel.program.hex()}};
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string canonicalJson(const SessionIdentity& session) {
  const nlohmann::json object = {{"environment", session.environment.hex()},
                                 {"host", session.host},
                                 {"command", session.command},
                                 {"started", session.started},
                                 {"nonce", session.nonce}};
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Hash contentId(const KernelIdentity& kernel) {
  return Hash::of(canonicalJson(kernel));
}
Hash contentId(const SessionIdentity& session) {
  return Hash::of(canonicalJson(session));
}

std::string canonicalText(const TrialPlace& place, const Trial& trial) {
  std::string text =
      fmt::format("environment {}\nproblem {}\npoint {}\nstatus {}\ncalibrated {}\nsource {}\n"
                  "program {}\nsamples {}\n",
                  place.environment.hex(), place.problem.hex(), place.point.hex(),
                  static_cast<std::int32_t>(trial.status), trial.calibrated ? 1 : 0,
                  trial.sourceHash.hex(), trial.programHash.hex(), trial.seconds.size());
  for (const double sample : trial.seconds)
    fmt::format_to(std::back_inserter(text), "{:016x}\n", std::bit_cast<std::uint64_t>(sample));
  text += "detail\n"; // last, so that its line breaks cannot be mistaken for fields
  text += trial.detail;
  return text;
}

Hash contentId(const TrialPlace& place, const Trial& trial) {
  return Hash::of(canonicalText(place, trial));
}

} // namespace ptotune
