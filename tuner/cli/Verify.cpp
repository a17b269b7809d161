// pto-tune verify: what a kernel computes, held against attention in fp64.
#include "codegen/Lowering.h"
#include "runners/isa/IsaProgram.h"
#include "runners/sim/Functional.h"
#include "space/PointSet.h"
#include "tuner/PointText.h"
#include "tuner/cli/Commands.h"
#include "tuner/cli/Kernel.h"
#include "tuner/cli/Terminal.h"
#include "tuner/cli/Text.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <random>

namespace ptotune::cli {
namespace {

using nlohmann::ordered_json;

constexpr const char* kExamples =
    R"(A kernel is run on standard normal fp16 inputs; each number of its output must
be within 0.001 * (1 + |reference|) of attention in fp64.

  sim   the program on the virtual Ascend, with the hazard checker
  isa   the emitted C++ on the CPU simulation of pto-isa (PTO_ISA_ROOT), with
        one cube and two vector threads: independent of everything here but
        the FIFOs, which follow the A2/A3 protocol. Only PIPE_MODEL=slot. A
        deadlock ends at once and says which flags the cores wait for

Without --problem a point runs on one block of queries and as many key tiles as
make every ring wrap.

Examples:
  pto-tune verify fa_910b2
  PTO_ISA_ROOT=~/pto-isa pto-tune verify fa_910b2 \
      --runner isa --points 20

Exit code: 0 all are right, 1 some are not or have no kernel, 2 bad input.)";

struct Options {
  std::string job;
  std::string runner = "sim";
  std::string point;
  std::string problem;
  std::uint64_t points = 0;
  std::uint64_t seed = 1;
  std::optional<double> limit; // seconds
  std::string format = "text";
};

// What came of one point.
struct Verified {
  Point point;
  Problem problem;
  bool right = false;
  std::optional<double> maxError; // nothing where it gave no numbers
  std::string text;               // what is wrong, or how far the numbers are
  double seconds = 0;
};

class Verifier {
public:
  virtual ~Verifier() = default;
  virtual Verified verify(const LoweredKernel& kernel, const Point& point,
                          const Problem& problem) = 0;
};

class SimVerifier : public Verifier {
public:
  SimVerifier(const SocProfile& soc, std::uint64_t seed) : soc_(soc), seed_(seed) {}
  Verified verify(const LoweredKernel& kernel, const Point& point,
                  const Problem& problem) override {
    const auto result = sim::runFunctional(kernel.program, soc_, problem, {.seed = seed_});
    Verified verified{point, problem};
    verified.right = result.right() && result.hazards.found == 0;
    if (result.run.outcome == sim::Outcome::finished)
      verified.maxError = result.agreement.maxAbs;
    verified.text = result.text();
    return verified;
  }

private:
  const SocProfile& soc_;
  std::uint64_t seed_;
};

class IsaVerifier : public Verifier {
public:
  IsaVerifier(std::unique_ptr<isa::IsaProgram> program, std::uint64_t seed)
      : program_(std::move(program)), seed_(seed) {}
  Verified verify(const LoweredKernel& kernel, const Point& point,
                  const Problem& problem) override {
    Verified verified{point, problem};
    const sim::AttentionCase attention(problem, seed_);
    const auto answer = program_->run(kernel, point, attention);
    if (!answer) {
      verified.text = answer.error().text();
      return verified;
    }
    const sim::Agreement agreement =
        sim::compare(answer->out, attention.reference, sim::FunctionalOptions().tolerance);
    verified.right = agreement.right();
    verified.maxError = agreement.maxAbs;
    verified.text = agreement.text();
    return verified;
  }

private:
  std::unique_ptr<isa::IsaProgram> program_;
  std::uint64_t seed_;
};

Result<std::unique_ptr<Verifier>> makeVerifier(const Options& options, const SocProfile& soc) {
  if (options.runner == "sim" && options.limit)
    return Error{.message = "--limit says nothing about runner sim, which finds a deadlock itself",
                 .key = "--limit",
                 .advice = "leave the option out, or choose --runner isa"};
  if (options.runner == "sim")
    return std::unique_ptr<Verifier>(std::make_unique<SimVerifier>(soc, options.seed));
  auto chosen = isa::IsaOptions::fromEnvironment();
  if (options.limit)
    chosen.runLimit = std::chrono::milliseconds(static_cast<std::int64_t>(*options.limit * 1000));
  auto program = isa::IsaProgram::make(chosen);
  if (!program)
    return program.error();
  return std::unique_ptr<Verifier>(
      std::make_unique<IsaVerifier>(*std::move(program), options.seed));
}

// One block, and a tile more than any ring or prologue holds.
Problem smallProblem(const Problem& like, const Point& point) {
  const std::int64_t most = std::max(
      {point.slotNumQK(), point.slotNumP(), point.slotNumPV(), point.expRing(), point.qkPreload()});
  Problem problem = like;
  problem.s0 = point.cubeS0();
  problem.s1 = point.tileS1() * (most + 1) * point.kvSplit();
  return problem;
}

// The point asked for, then so many legal ones; only those that the runner can run.
Result<std::vector<Point>> choose(const Options& options, const Job& job, const Point& first) {
  std::vector<Point> points = {first};
  if (options.points == 0)
    return points;
  const auto set = PointSet::build(job.problems.front(), job.soc, job.space, {});
  if (!set)
    return set.error();
  constexpr int kMostDraws = 1000; // for each point
  std::mt19937_64 random(options.seed);
  for (std::uint64_t draws = 0;
       set->count() > 0 && points.size() <= options.points && draws < options.points * kMostDraws;
       ++draws) {
    const Point point = set->sample(random);
    const bool runs = options.runner == "sim" || point.pipeModel() == PipeModel::slot;
    if (runs && std::ranges::find(points, point) == points.end())
      points.push_back(point);
  }
  return points;
}

std::string errorText(const std::optional<double>& maxError) {
  return maxError ? fmt::format("max abs error {:.2e}", *maxError) : "no numbers";
}

void print(const Verified& verified, std::size_t width) {
  fmt::print("{}\n", wrapped(fmt::format("{}  {}", verified.right ? "right" : "WRONG",
                                         shortText(verified.point)),
                             0, width, 7));
  fmt::print("       s0={}, s1={}, {}, {:.1f} s\n", verified.problem.s0, verified.problem.s1,
             errorText(verified.maxError), verified.seconds);
  if (!verified.right)
    fmt::print("{}\n", wrapped(verified.text, 7, width));
}

ordered_json jsonOf(const Verified& verified) {
  return {{"point", ordered_json::parse(verified.point.json())},
          {"problem", ordered_json::parse(verified.problem.json())},
          {"right", verified.right},
          {"max_abs_error", verified.maxError ? ordered_json(*verified.maxError) : ordered_json()},
          {"text", verified.text},
          {"seconds", verified.seconds}};
}

int runVerify(const Options& options) {
  using Clock = std::chrono::steady_clock;
  const auto asked = pointOfJob(options.job, options.point, options.problem);
  if (!asked)
    return fail(asked.error());
  const auto& [job, first, problems] = *asked;
  const auto verifier = makeVerifier(options, job.soc);
  if (!verifier)
    return fail(verifier.error());
  const auto points = choose(options, job, first);
  if (!points)
    return fail(points.error());

  const std::size_t width = terminalOf(stdout).width;
  ordered_json all = ordered_json::array();
  std::size_t right = 0;
  std::optional<double> most;
  for (const Point& point : *points) {
    const Problem problem =
        options.problem.empty() ? smallProblem(problems.front(), point) : problems.front();
    const auto start = Clock::now();
    const auto kernel = lower(KernelSpec::of(problem), point, job.soc, Emit::program | Emit::cpp);
    if (!kernel) {
      fail(noKernel({problem, job.soc, point}, kernel.error()));
      return kRejected;
    }
    Verified verified = (*verifier)->verify(*kernel, point, problem);
    verified.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    right += verified.right ? 1 : 0;
    if (verified.maxError)
      most = std::max(most.value_or(0), *verified.maxError);
    if (options.format == "json")
      all.push_back(jsonOf(verified));
    else
      print(verified, width);
    std::fflush(stdout);
  }
  if (options.format == "json")
    fmt::print("{}\n", ordered_json{{"runner", options.runner}, {"points", all}}.dump(2));
  else
    fmt::print("{} of {} right on {}, {}\n", right, counted(points->size(), "point"),
               options.runner, errorText(most));
  return right == points->size() ? kSuccess : kRejected;
}

} // namespace

void addVerify(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("verify", "Check what kernels compute against attention in fp64");
  addJob(*command, options->job);
  command->add_option("--runner", options->runner, "sim (default) or isa")
      ->check(CLI::IsMember({"sim", "isa"}))
      ->option_text("NAME");
  addPoint(*command, options->point);
  command
      ->add_option("--limit", options->limit,
                   "--runner isa: seconds that one run may take (default:\n4 times what such a "
                   "problem takes, at least 10)")
      ->check(CLI::Range(0.1, 86'400.0))
      ->option_text("SECONDS");
  command
      ->add_option("--points", options->points,
                   "so many legal points of the space as well, drawn by\n--seed")
      ->check(CLI::Range(0, 100'000))
      ->option_text("N");
  command
      ->add_option("--problem", options->problem,
                   "\"s0=128,s1=8192\"; keys left out are those of the\njob's first problem")
      ->option_text("PROBLEM");
  command->add_option("--seed", options->seed, "of the inputs and the sample; default 1")
      ->option_text("N");
  addFormat(*command, options->format);
  command->footer(kExamples);
  command->callback([options, &chosen] { chosen = [options] { return runVerify(*options); }; });
}

} // namespace ptotune::cli
