#include "tuner/cli/SimulateReport.h"

#include "tuner/cli/Text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace ptotune::cli {
namespace {

using nlohmann::ordered_json;
using sim::PipeStats;
using sim::SimResult;
using sim::StallReason;
using enum Table::Align;

constexpr std::size_t kShownHazards = 10;

std::string counted(std::int64_t number, std::string_view noun) {
  return cli::counted(static_cast<std::uint64_t>(number), noun);
}

std::string pipeText(int core, Pipe pipe) {
  return fmt::format("{} {}", sim::coreName(core), name(pipe));
}

// Every pipe that does something, in the order of the cores.
template <typename F> void eachPipe(const SimResult& run, F&& f) {
  for (int core = 0; core < sim::kCoreCount; ++core)
    for (std::size_t p = 0; p < kPipeCount; ++p) {
      const PipeStats& stats = run.cores[static_cast<std::size_t>(core)].pipes[p];
      if (stats.instructions > 0)
        f(core, static_cast<Pipe>(p), stats);
    }
}

struct Part {
  const char* name;
  double seconds;
  std::string what;
};

std::vector<Part> partsOf(const SimResult& run) {
  const std::string critical = pipeText(run.parts.core, run.parts.pipe);
  return {{"launch", run.parts.launch, "one kernel launch"},
          {"fill", run.parts.fill, fmt::format("before the first work of {}", critical)},
          {"steady", run.parts.steady, fmt::format("{}, the critical pipe, works", critical)},
          {"waiting", run.parts.waiting, "it waits between its works"},
          {"drain", run.parts.drain, "behind its last work"}};
}

std::string percent(double part, double whole) {
  return fmt::format("{:.1f} %", whole > 0 ? 100 * part / whole : 0.0);
}

std::string partsText(const SimResult& run, double whole) {
  Table table({left, right, right, left});
  table.row({"part", "us", "share", ""});
  for (const Part& part : partsOf(run))
    table.row({part.name, microseconds(part.seconds), percent(part.seconds, whole), part.what});
  return table.text();
}

std::string busyTable(const SimResult& run, double clockHz) {
  Table table({left, right, right, right});
  table.row({"pipe", "instructions", "busy us", "share"});
  eachPipe(run, [&](int core, Pipe pipe, const PipeStats& stats) {
    table.row({pipeText(core, pipe), grouped(static_cast<std::uint64_t>(stats.instructions)),
               microseconds(stats.busyCycles / clockHz), percent(stats.busyShare, 1)});
  });
  return table.text();
}

std::string cyclesText(double cycles) {
  return cycles > 0 ? grouped(static_cast<std::uint64_t>(std::llround(cycles))) : "-";
}

std::string stallTable(const SimResult& run) {
  std::vector<Table::Align> aligns(sim::kStallReasonCount + 1, right);
  aligns.front() = left;
  Table table(aligns);
  std::vector<std::string> heading = {"stall cycles"};
  std::vector<std::string> all = {"all"};
  std::array<double, sim::kStallReasonCount> sums{};
  for (std::size_t r = 0; r < sim::kStallReasonCount; ++r)
    heading.emplace_back(sim::name(static_cast<StallReason>(r)));
  table.row(heading);
  eachPipe(run, [&](int core, Pipe pipe, const PipeStats& stats) {
    std::vector<std::string> row = {pipeText(core, pipe)};
    for (std::size_t r = 0; r < sim::kStallReasonCount; ++r) {
      row.push_back(cyclesText(stats.stallCycles[r]));
      sums[r] += stats.stallCycles[r];
    }
    table.row(std::move(row));
  });
  for (const double sum : sums)
    all.push_back(cyclesText(sum));
  table.row(std::move(all));
  return table.text();
}

// "issue: the scalar unit had not issued the next instruction"
std::string reasonsText(std::size_t width) {
  return wrapped("issue: the scalar unit had not issued the pipe's next instruction; event flag: "
                 "WAIT_FLAG; unit flag: the accumulator was not handed over or given back; data: "
                 "TPOP; credit: TALLOC; drain: closing a TPipe",
                 2, width, 2) +
         "\n";
}

std::string criticalText(const SimResult& run, std::size_t width) {
  const PipeStats& stats = run.cores[static_cast<std::size_t>(run.parts.core)].pipe(run.parts.pipe);
  const auto most = std::ranges::max_element(stats.stallCycles);
  std::string text =
      wrapped(fmt::format("{} cycles; critical pipe {}, busy {}", cyclesText(run.cycles),
                          pipeText(run.parts.core, run.parts.pipe), percent(stats.busyShare, 1)),
              2, width, 2) +
      "\n";
  if (*most > 0)
    text +=
        wrapped(fmt::format("it waits most for: {}, {} cycles",
                            sim::name(static_cast<StallReason>(most - stats.stallCycles.begin())),
                            cyclesText(*most)),
                2, width, 2) +
        "\n";
  return text;
}

// One launch: what it consists of, and where its time goes.
std::string launchText(const SocProfile& soc, const SimResult& run, const ReportOptions& options) {
  std::string text =
      wrapped(fmt::format("{} on {}, {}; {} of the busiest core", counted(run.blocks, "block"),
                          counted(run.activeCores, "core"), counted(run.waves, "wave"),
                          counted(run.instructions, "instruction")),
              2, options.width, 2) +
      "\n" + criticalText(run, options.width) + "\n";
  text += partsText(run, run.coreSeconds + run.parts.launch);
  if (options.tables)
    text += "\n" + busyTable(run, soc.clockHz) + "\n" + stallTable(run) + "\n" +
            reasonsText(options.width);
  return text;
}

std::string runText(const SocProfile& soc, const Problem& problem, const SimResult& run,
                    const ReportOptions& options) {
  std::string text =
      wrapped(fmt::format("{} us, {} TFLOP/s{}", microseconds(run.seconds),
                          teraflops(problem, run.seconds), run.next ? ", of all launches" : ""),
              2, options.width) +
      "\n";
  int number = 1;
  for (const SimResult* launch = &run; launch != nullptr; launch = launch->next.get()) {
    if (number > 1)
      text += fmt::format("\n  launch {}\n", number);
    ++number;
    text += launchText(soc, *launch, options);
  }
  return text;
}

std::string hazardsText(const sim::HazardReport& report, std::size_t width) {
  if (report.found == 0)
    return wrapped(fmt::format("no hazard among {}", counted(report.operations, "operation")), 2,
                   width) +
           "\n";
  std::string text = fmt::format(
      "  {}, {} at odds\n", counted(static_cast<std::int64_t>(report.hazards.size()), "hazard"),
      counted(report.found, "pair"));
  for (std::size_t i = 0; i < std::min(report.hazards.size(), kShownHazards); ++i) {
    const sim::Hazard& hazard = report.hazards[i];
    text +=
        wrapped(fmt::format("{}: {}", sim::name(hazard.kind), hazard.text.front()), 4, width, 2) +
        "\n";
    for (std::size_t line = 1; line < hazard.text.size(); ++line)
      text += wrapped(hazard.text[line], 6, width, 2) + "\n";
  }
  if (report.hazards.size() > kShownHazards)
    text += fmt::format("    {} more; --format json lists them\n",
                        report.hazards.size() - kShownHazards);
  return text;
}

std::string numbersText(const sim::FunctionalResult& numbers, std::size_t width) {
  const sim::Agreement& agreement = numbers.agreement;
  if (numbers.run.outcome != sim::Outcome::finished)
    return wrapped(fmt::format("with data: {}: {}", sim::name(numbers.run.outcome),
                               numbers.run.detailText()),
                   2, width, 2) +
           "\n";
  std::string text = fmt::format(
      "numbers {}: max abs error {:.2e}, max rel error {:.2e}, tolerance {:g} * (1 + |reference|), "
      "seed {}",
      numbers.right() ? "right" : "WRONG", agreement.maxAbs, agreement.maxRel, agreement.tolerance,
      numbers.seed);
  if (!numbers.right())
    text += fmt::format("; {} of {} are wrong", counted(agreement.wrong, "number"),
                        grouped(static_cast<std::uint64_t>(agreement.elements)));
  return wrapped(text, 2, width, 2) + "\n";
}

ordered_json jsonOf(const sim::HazardReport& report) {
  ordered_json hazards = ordered_json::array();
  for (const sim::Hazard& hazard : report.hazards)
    hazards.push_back({{"kind", sim::name(hazard.kind)},
                       {"object", hazard.object},
                       {"place", hazard.place},
                       {"bytes", {hazard.begin, hazard.end}},
                       {"text", hazard.text}});
  return {{"operations", report.operations}, {"pairs", report.found}, {"hazards", hazards}};
}

// NaN and infinity have no JSON number.
ordered_json jsonOf(double value) {
  return std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr);
}

ordered_json jsonOf(const sim::FunctionalResult& numbers) {
  const sim::Agreement& agreement = numbers.agreement;
  return {{"right", numbers.right()},
          {"outcome", sim::name(numbers.run.outcome)},
          {"seed", numbers.seed},
          {"max_abs_error", jsonOf(agreement.maxAbs)},
          {"max_rel_error", jsonOf(agreement.maxRel)},
          {"tolerance", agreement.tolerance},
          {"elements", agreement.elements},
          {"wrong", agreement.wrong}};
}

ordered_json jsonOf(const SimResult& run) {
  ordered_json parts;
  for (const Part& part : partsOf(run))
    parts[part.name] = part.seconds;
  ordered_json pipes = ordered_json::array();
  eachPipe(run, [&](int core, Pipe pipe, const PipeStats& stats) {
    ordered_json stalls;
    for (std::size_t r = 0; r < sim::kStallReasonCount; ++r)
      stalls[std::string(sim::name(static_cast<StallReason>(r)))] = stats.stallCycles[r];
    pipes.push_back({{"core", sim::coreName(core)},
                     {"pipe", name(pipe)},
                     {"instructions", stats.instructions},
                     {"busy_cycles", stats.busyCycles},
                     {"busy_share", stats.busyShare},
                     {"stall_cycles", stalls}});
  });
  ordered_json json = {
      {"seconds", run.seconds},
      {"cycles", run.cycles},
      {"parts", parts},
      {"critical_pipe", {{"core", sim::coreName(run.parts.core)}, {"pipe", name(run.parts.pipe)}}},
      {"blocks", run.blocks},
      {"active_cores", run.activeCores},
      {"waves", run.waves},
      {"instructions", run.instructions},
      {"pipes", pipes}};
  if (run.next)
    json["next_launch"] = jsonOf(*run.next);
  return json;
}

// What the other cores cost: what the parts hold of contention and of L2's size.
std::string sharingText(const sim::SharingCost& cost, double seconds, std::size_t width) {
  return wrapped(fmt::format("of these, {} us ({}) for sharing global memory with the other cores, "
                             "{} us ({}) for what L2 cannot hold",
                             microseconds(cost.contention), percent(cost.contention, seconds),
                             microseconds(cost.capacity), percent(cost.capacity, seconds)),
                 2, width, 2) +
         "\n";
}

} // namespace

bool Simulation::good() const {
  return timing.outcome == sim::Outcome::finished && (!numbers || numbers->right()) &&
         (!hazards || hazards->clean());
}

std::string simulationText(const SocProfile& soc, const Simulation& simulation,
                           const ReportOptions& options) {
  const SimResult& run = simulation.timing;
  std::string text;
  if (run.outcome == sim::Outcome::finished) {
    text = runText(soc, simulation.problem, run, options);
    if (simulation.sharing)
      text += "\n" + sharingText(*simulation.sharing, run.seconds, options.width);
  } else {
    text = fmt::format("  {} after {} cycles\n", sim::name(run.outcome), cyclesText(run.cycles));
    for (const std::string& line : run.detail)
      text += wrapped(line, 4, options.width, 2) + "\n";
  }
  if (simulation.numbers || simulation.hazards)
    text += "\n";
  if (simulation.numbers)
    text += numbersText(*simulation.numbers, options.width);
  if (simulation.hazards)
    text += hazardsText(*simulation.hazards, options.width);
  return text;
}

ordered_json simulationJson(const SocProfile& soc, const Simulation& simulation) {
  const SimResult& run = simulation.timing;
  ordered_json json = {{"problem", ordered_json::parse(simulation.problem.json())},
                       {"soc", soc.name},
                       {"outcome", sim::name(run.outcome)},
                       {"detail", run.detail}};
  if (run.outcome == sim::Outcome::finished)
    json.update(jsonOf(run));
  if (simulation.sharing)
    json["sharing"] = {{"contention_seconds", simulation.sharing->contention},
                       {"l2_seconds", simulation.sharing->capacity}};
  if (simulation.numbers)
    json["numbers"] = jsonOf(*simulation.numbers);
  if (simulation.hazards)
    json["hazards"] = jsonOf(*simulation.hazards);
  return json;
}

} // namespace ptotune::cli
