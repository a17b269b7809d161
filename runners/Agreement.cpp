#include "runners/Agreement.h"

#include "space/fa/Buffers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <utility>

namespace ptotune {
namespace {

constexpr std::string_view kProtocol = "protocol.";
constexpr std::string_view kHang = "protocol.hang";
constexpr std::string_view kCounter = "protocol.counter";

// Enough that the first hazard over every object is among them.
constexpr std::size_t kHazardLimit = 10'000;

// Schedules name FIFOs in capitals; their one local ring is a buffer of the kernel.
std::string programName(std::string object) {
  if (object == "rescale factor")
    return fa::kExpMax;
  std::ranges::transform(object, object.begin(), [](unsigned char c) { return std::tolower(c); });
  return object;
}

std::int64_t operandOf(const Finding& finding, std::string_view name) {
  const auto found =
      std::ranges::find(finding.operands, name, [](const auto& operand) { return operand.first; });
  return found == finding.operands.end() ? sim::kUndefined : found->second;
}

Comparison compareOutcome(std::string_view rule, sim::Outcome expected,
                          const ProgramEvidence& evidence) {
  Comparison comparison{.rule = std::string(rule)};
  comparison.agrees = evidence.run.outcome == expected;
  if (!comparison.agrees)
    comparison.text =
        fmt::format("expected {}; the simulator: {}", name(expected), evidence.text());
  return comparison;
}

Comparison compareReuse(const Finding& rejection, const ProgramEvidence& evidence) {
  Comparison comparison{.rule = rejection.rule};
  const auto witness = witnessOf(rejection);
  if (!witness) {
    comparison.text = "the rule has no witness";
    return comparison;
  }
  if (evidence.run.outcome == sim::Outcome::finished)
    comparison.hazard = named(evidence, *witness);
  comparison.agrees = comparison.hazard >= 0;
  if (!comparison.agrees)
    comparison.text =
        fmt::format("the witness names {} tile {} overwritten by tile {}; the "
                    "simulator: {}",
                    witness->object, witness->reader, witness->writer, evidence.text());
  return comparison;
}

} // namespace

std::string ProgramEvidence::text() const {
  if (run.outcome != sim::Outcome::finished)
    return fmt::format("{}: {}", name(run.outcome), fmt::join(run.detail, "; "));
  if (first.empty())
    return found == 0 ? "finished, no hazard" : fmt::format("finished, {} hazards", found);
  std::vector<std::string> summaries;
  summaries.reserve(first.size());
  for (const sim::Hazard& hazard : first)
    summaries.push_back(fmt::format("{}: {}", name(hazard.kind), hazard.text.front()));
  return fmt::format("finished, {}", fmt::join(summaries, "; "));
}

ProgramEvidence examine(const program::Program& program, const SocProfile& soc,
                        const Problem& problem) {
  sim::HazardOptions options;
  options.limit = kHazardLimit;
  sim::HazardReport report = sim::findHazards(program, soc, problem, options);
  ProgramEvidence evidence;
  evidence.found = report.found;
  for (sim::Hazard& hazard : report.hazards) {
    if (std::ranges::find(evidence.first, hazard.object, &sim::Hazard::object) !=
        evidence.first.end())
      continue;
    evidence.exposing.push_back(sim::exposing(report, hazard));
    evidence.first.push_back(std::move(hazard));
  }
  evidence.run = std::move(report.run);
  return evidence;
}

std::optional<ReuseWitness> witnessOf(const Finding& rejection) {
  if (rejection.object.empty())
    return std::nullopt;
  return ReuseWitness{programName(rejection.object), operandOf(rejection, "reader"),
                      operandOf(rejection, "writer")};
}

std::ptrdiff_t named(const ProgramEvidence& evidence, const ReuseWitness& witness) {
  const auto found = std::ranges::find(evidence.first, witness.object, &sim::Hazard::object);
  if (found == evidence.first.end())
    return -1;
  // A read of the wrong tile names the writer first.
  const bool wrongTile = found->kind == sim::HazardKind::wrongTile;
  const std::int64_t reader = wrongTile ? found->secondTile : found->firstTile;
  const std::int64_t writer = wrongTile ? found->firstTile : found->secondTile;
  return reader == witness.reader && writer == witness.writer ? found - evidence.first.begin() : -1;
}

bool rejectsStatically(const Explanation& explanation) {
  return std::ranges::any_of(explanation.rejections, [](const Finding& finding) {
    return !finding.rule.starts_with(kProtocol);
  });
}

std::vector<Comparison> compare(const Explanation& explanation, const ProgramEvidence& evidence) {
  if (rejectsStatically(explanation))
    return {};
  std::vector<Comparison> comparisons;
  for (const Finding& rejection : explanation.rejections) {
    if (rejection.rule == kHang)
      comparisons.push_back(compareOutcome(kHang, sim::Outcome::hang, evidence));
    else if (rejection.rule == kCounter)
      comparisons.push_back(compareOutcome(kCounter, sim::Outcome::protocolError, evidence));
    else
      comparisons.push_back(compareReuse(rejection, evidence));
  }
  if (comparisons.empty()) {
    Comparison accepted{.rule = "", .agrees = evidence.clean()};
    if (!accepted.agrees)
      accepted.text = fmt::format("the rules accept; the simulator: {}", evidence.text());
    comparisons.push_back(std::move(accepted));
  }
  return comparisons;
}

sim::FunctionalResult runNumbers(const program::Program& program, const SocProfile& soc,
                                 const sim::AttentionCase& attention, const Comparison& comparison,
                                 const ProgramEvidence& evidence) {
  sim::FunctionalOptions options;
  options.hazards = false;
  if (comparison.hazard >= 0)
    options.delays = evidence.exposing[static_cast<std::size_t>(comparison.hazard)];
  return sim::runFunctional(program, soc, attention, options);
}

std::string objection(const Comparison& comparison, const sim::FunctionalResult& result) {
  if (result.run.outcome != sim::Outcome::finished)
    return fmt::format("with data: {}: {}", name(result.run.outcome),
                       fmt::join(result.run.detail, "; "));
  const bool accepted = comparison.rule.empty();
  if (result.right() == accepted)
    return "";
  return fmt::format("the numbers come out {}: {}", accepted ? "wrong" : "right",
                     result.agreement.text());
}

} // namespace ptotune
