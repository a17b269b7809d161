#include "db/Identity.h"

#include "space/Space.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <iterator>

namespace ptotune {
namespace {

// A key that is left out where its value says that nothing is known.
template <typename T> void addKnown(nlohmann::json& object, const char* key, const T& value) {
  if (value != T{})
    object[key] = value;
}

} // namespace

const char* name(NoteSubject subject) {
  switch (subject) {
  case NoteSubject::trial:
    return "trial";
  case NoteSubject::session:
    return "session";
  case NoteSubject::point:
    return "point";
  case NoteSubject::environment:
    return "environment";
  }
  return "unknown";
}

std::string canonicalJson(const Environment& environment) {
  nlohmann::json object = {{"soc", environment.soc},
                           {"soc_hash", environment.socHash.hex()},
                           {"runner", environment.runner},
                           {"runner_version", environment.runnerVersion},
                           {"toolchain", environment.toolchain},
                           {"tool_version", environment.toolVersion}};
  addKnown(object, "cores", environment.cores);
  addKnown(object, "frequency", environment.frequency);
  addKnown(object, "isa_hash", environment.isaHash);
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
  nlohmann::json object = {{"environment", session.environment.hex()},
                           {"host", session.host},
                           {"command", session.command},
                           {"started", session.started},
                           {"nonce", session.nonce}};
  addKnown(object, "device", session.device);
  addKnown(object, "searcher", session.searcher);
  addKnown(object, "seed", session.seed);
  addKnown(object, "options", session.options);
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string canonicalJson(const Note& note) {
  const nlohmann::json object = {{"subject", name(note.subject)},
                                 {"about", note.about.hex()},
                                 {"author", note.author},
                                 {"written", note.written},
                                 {"text", note.text}};
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string canonicalJson(const Space& space) {
  nlohmann::json domains = nlohmann::json::object();
  for (const ParamInfo& parameter : allParams()) {
    const Domain& domain = space.domain(parameter.id);
    if (domain.derived) {
      domains[parameter.name] = info(domain.follows).name;
      continue;
    }
    std::vector<std::int64_t> values = domain.values;
    std::ranges::sort(values);
    domains[parameter.name] = values;
  }
  std::vector<std::string> constraints(space.constraints.size());
  std::ranges::transform(space.constraints, constraints.begin(), &SpaceConstraint::text);
  std::ranges::sort(constraints);
  const nlohmann::json object = {
      {"family", space.family}, {"domains", domains}, {"constraints", constraints}};
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Hash contentId(const KernelIdentity& kernel) {
  return Hash::of(canonicalJson(kernel));
}
Hash contentId(const SessionIdentity& session) {
  return Hash::of(canonicalJson(session));
}
Hash contentId(const Note& note) {
  return Hash::of(canonicalJson(note));
}
Hash contentId(const Space& space) {
  return Hash::of(canonicalJson(space));
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
