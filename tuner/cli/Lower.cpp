// pto-tune lower: the kernel of a point as C++, as IR, as text for the upstream assembler, or as
// the program that the simulator runs; or the C++ that an installed assembler makes of it.
#include "codegen/Lowering.h"
#include "space/Rules.h"
#include "tuner/cli/Commands.h"
#include "tuner/cli/Json.h"
#include "tuner/cli/Kernel.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <string>

namespace ptotune::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  pto-tune lower fa_910b2 --point "TILE_S1=512" --emit cpp
  pto-tune lower fa_910b2 --emit pto --ptoas v0.49
  pto-tune lower fa_910b2 --compiler /opt/ptoas/bin/ptoas

Exit code: 0 done, 1 the point is illegal and has no kernel, 2 bad input.)";

struct Options {
  std::string job;
  std::string point;
  std::string problem;
  std::string emit = "cpp";
  std::string ptoas = "v0.60";
  std::string compiler;
  std::string format;
};

// Which text of a kernel `--emit` names.
struct Form {
  const char* name;
  Emit emit;
  std::string (*text)(const LoweredKernel& kernel);
};
constexpr Form kForms[] = {
    {"cpp", Emit::cpp, [](const LoweredKernel& kernel) { return kernel.cpp; }},
    {"ir", Emit::ir, [](const LoweredKernel& kernel) { return kernel.ir; }},
    {"pto", Emit::pto, [](const LoweredKernel& kernel) { return kernel.pto; }},
    {"program", Emit::program,
     [](const LoweredKernel& kernel) { return program::print(kernel.program); }}};

const Form& formNamed(const std::string& name) {
  return *std::ranges::find(kForms, name, [](const Form& form) { return std::string(form.name); });
}

// Prints what an installed assembler makes of the text, under its version and the identity of both.
int runCompiler(const Options& options, const std::string& text) {
  const auto compiled = runPtoas(options.compiler, text);
  if (!compiled)
    return fail(compiled.error());
  fmt::print("// compiler: {}\n// text for: ptoas {}\n// identity: {}\n{}", compiled->version,
             options.ptoas, compiled->identity.hex(), compiled->cpp);
  return kSuccess;
}

int runLower(const Options& options) {
  if (!options.compiler.empty() && options.emit != "cpp")
    return fail({.message = "--compiler prints C++ and no other form",
                 .key = "--emit",
                 .value = options.emit,
                 .expected = "cpp",
                 .advice = "leave one of them out"});
  if (!options.compiler.empty() && options.format == "json")
    return fail({.message = "--compiler prints C++ and no JSON",
                 .key = "--format",
                 .value = options.format,
                 .expected = "text",
                 .advice = "leave one of them out"});
  if (!options.compiler.empty() && options.ptoas == "none")
    return fail({.message = "--ptoas none writes text that no installed assembler reads",
                 .key = "--ptoas",
                 .value = options.ptoas,
                 .expected = "v0.60 or v0.49 beside --compiler"});
  const auto asked = pointOfJob(options.job, options.point, options.problem);
  if (!asked)
    return fail(asked.error());
  const auto& [job, point, problems] = *asked;

  const Form& form = formNamed(options.compiler.empty() ? options.emit : "pto");
  const KernelSpec kernel = KernelSpec::of(problems.front());
  const Emit what = options.format == "json" ? form.emit | Emit::cpp | Emit::program : form.emit;
  const auto lowered = lower(kernel, point, job.soc, what, *ptoasNamed(options.ptoas));
  if (!lowered) {
    fail(noKernel({problems.front(), job.soc, point}, lowered.error()));
    return kRejected;
  }
  const std::string text = form.text(*lowered);
  if (!options.compiler.empty())
    return runCompiler(options, text);
  if (options.format == "json") {
    printJson({{"soc", job.soc.name},
               {"head", kernel.head},
               {"causal", kernel.causal},
               {"dtype", kernel.dtype},
               {"point", pointJson(point)},
               {"point_text", point.text()},
               {"form", form.name},
               {"text", text},
               {"source_hash", lowered->sourceHash.hex()},
               {"program_hash", lowered->programHash.hex()}});
    return kSuccess;
  }
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
                   "cpp: C++ for pto-isa (default); ir: the lowered IR;\npto: text for the "
                   "upstream assembler; program: what\nthe simulator executes")
      ->check(CLI::IsMember({"cpp", "ir", "pto", "program"}))
      ->option_text("FORM");
  command
      ->add_option("--ptoas", options->ptoas,
                   "who reads the .pto text: v0.60 (default), v0.49, or\nnone: this tool alone, "
                   "which has words of its own")
      ->check(CLI::IsMember({"v0.60", "v0.49", "none"}))
      ->option_text("VERSION");
  command
      ->add_option(
          "--compiler", options->compiler,
          "print the C++ that this ptoas makes of the text,\ninstead of what our passes make")
      ->option_text("PATH");
  addFormat(*command, options->format);
  command->footer(kExamples);
  command->callback([options, &chosen] { chosen = [options] { return runLower(*options); }; });
}

} // namespace ptotune::cli
