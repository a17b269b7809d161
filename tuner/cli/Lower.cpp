// pto-tune lower: the kernel of a point as C++, as IR, or as the program that the simulator runs.
#include "codegen/Lowering.h"
#include "space/Rules.h"
#include "tuner/cli/Commands.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <string>

namespace ptotune::cli {
namespace {

constexpr const char* kExamples = R"(Example:
  pto-tune lower configs/jobs/fa_910b2.toml --point "TILE_S1=512" --emit cpp

Exit code: 0 done, 1 the point is illegal and has no kernel, 2 bad input.)";

struct Options {
  std::string job;
  std::string point;
  std::string problem;
  std::string emit = "cpp";
};

// Why the point has no kernel, in the words of the rules where one of them rejects it. Rules on s0,
// s1 and the protocol do not keep a point from being lowered.
Error noKernel(const RuleContext& context, const Error& fromCompiler) {
  for (const Finding& finding : check(context).rejections) {
    const bool lowerable = finding.rule == "shape.s0" || finding.rule == "shape.s1" ||
                           finding.rule.starts_with("protocol.");
    if (!lowerable)
      return {.message = fmt::format("the point has no kernel: {}: {}", finding.rule, finding.text),
              .advice = "'pto-tune check' tells more"};
  }
  return fromCompiler;
}

int runLower(const Options& options) {
  const auto job = loadJob(options.job);
  if (!job)
    return fail(job.error());
  const auto point = pointOption(*job, options.point);
  if (!point)
    return fail(point.error());
  const auto problems = problemOption(*job, options.problem);
  if (!problems)
    return fail(problems.error());

  const Emit emit = options.emit == "cpp"  ? Emit::cpp
                    : options.emit == "ir" ? Emit::ir
                                           : Emit::program;
  const KernelSpec kernel = KernelSpec::of(problems->front());
  const auto lowered = lower(kernel, *point, job->soc, emit);
  if (!lowered) {
    fail(noKernel({problems->front(), job->soc, *point}, lowered.error()));
    return kRejected;
  }
  const std::string text = emit == Emit::cpp  ? lowered->cpp
                           : emit == Emit::ir ? lowered->ir
                                              : program::print(lowered->program);
  fmt::print("{}{}", text, text.ends_with('\n') ? "" : "\n");
  return kSuccess;
}

} // namespace

void addLower(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("lower", "Print the kernel of a point");
  addJob(*command, options->job);
  addPoint(*command, options->point);
  command
      ->add_option(
          "--problem", options->problem,
          "\"head=128\"; keys left out are those of the job's\nfirst problem; s0 and s1 are "
          "arguments of the\nkernel and do not change it")
      ->option_text("PROBLEM");
  command
      ->add_option("--emit", options->emit,
                   "cpp: C++ for pto-isa (default); ir: the lowered IR;\nprogram: what the "
                   "simulator executes")
      ->check(CLI::IsMember({"cpp", "ir", "program"}))
      ->option_text("FORM");
  command->footer(kExamples);
  command->callback([options, &chosen] { chosen = [options] { return runLower(*options); }; });
}

} // namespace ptotune::cli
