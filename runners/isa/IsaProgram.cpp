#include "runners/isa/IsaProgram.h"

#include "runners/ascend/Toolchain.h"
#include "runners/isa/CorePrefix.h"
#include "runners/worker/Command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <future>
#include <iterator>

namespace ptotune::isa {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kCores[] = {"__DAV_CUBE__", "__DAV_VEC__"};
constexpr const char* kHostCompiler = "clang++-19";
constexpr char kUnwritten = '\xff';
// Of the simulation at -O1, both products of a head of 128 and what is between them: 54 s for 4.3e9
// on a 2.5 GHz x86-64 core.
constexpr double kSecondsPerMultiplyAdd = 12e-9;
constexpr double kPatience = 4;
constexpr std::chrono::seconds kLeastRunLimit{10};

// The least that a kernel of the slot form needs of a tree's simulation.
constexpr const char* kProbe = R"CPP(
using namespace pto;
using ProbePipe = TPipe<0, Direction::DIR_C2V, 4096, 2, 2, false, false>;
using ProbeEntry = GlobalTensor<float, pto::Shape<1, 1, 1, 32, 32>,
                                pto::Stride<1024, 1024, 1024, 32, 1>, pto::Layout::ND>;
AICORE void probe(__gm__ float* ring) {
  ProbePipe pipe(ring, 0x0, 0x0);
  ProbeEntry entry;
  TALLOC<ProbePipe, ProbeEntry, TileSplitAxis::TILE_UP_DOWN>(pipe, entry);
  TPUSH<ProbePipe, ProbeEntry, TileSplitAxis::TILE_UP_DOWN>(pipe, entry);
}
)CPP";

void writeText(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

// The lines of a compiler's output that say what is wrong, at most so many.
std::string errorsOf(const std::string& output, int most) {
  std::string errors;
  for (std::size_t begin = 0; begin < output.size() && most > 0;) {
    const std::size_t end = std::min(output.find('\n', begin), output.size());
    const std::string line = output.substr(begin, end - begin);
    if (line.find("error:") != std::string::npos) {
      errors += (errors.empty() ? "" : "\n") + line;
      --most;
    }
    begin = end + 1;
  }
  return errors.empty() ? lastLines(output, 4) : errors;
}

// The entries by their number, with the buffers in the order of the plan's arguments.
std::string launchText(const std::vector<ascend::Entry>& entries, const ascend::LaunchPlan& plan) {
  std::string text = "static void PtoTuneLaunch(int launch, void* const* buffers, std::int64_t s0, "
                     "std::int64_t s1) {\n";
  for (std::size_t i = 0; i < entries.size(); ++i) {
    std::vector<std::string> values;
    for (const ascend::Parameter& parameter : entries[i].parameters) {
      const auto at = std::ranges::find(plan.arguments, parameter.name);
      if (at != plan.arguments.end())
        values.push_back(
            fmt::format("({})buffers[{}]", parameter.type, at - plan.arguments.begin()));
      else
        values.push_back(parameter.name == "ffts" ? "nullptr" : parameter.name);
    }
    text += fmt::format("  if (launch == {})\n    {}({});\n", i, entries[i].name,
                        fmt::join(values, ", "));
  }
  return text + "}\n";
}

void append(std::ofstream& file, const void* bytes, std::int64_t count) {
  file.write(reinterpret_cast<const char*>(&count), sizeof count);
  file.write(static_cast<const char*>(bytes), count);
}

// Inputs where there are some, else bytes that are NaN.
void writeBuffers(const std::string& path, const ascend::LaunchPlan& plan,
                  const std::vector<std::int64_t>& bytes, const sim::AttentionInputs& inputs) {
  std::ofstream file(path, std::ios::binary);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::string& name = plan.arguments[i];
    const std::vector<sim::Half>* values = name == "q"   ? &inputs.q
                                           : name == "k" ? &inputs.k
                                           : name == "v" ? &inputs.v
                                                         : nullptr;
    const std::string unwritten(values == nullptr ? static_cast<std::size_t>(bytes[i]) : 0,
                                kUnwritten);
    append(file, values != nullptr ? static_cast<const void*>(values->data()) : unwritten.data(),
           bytes[i]);
  }
}

std::vector<float> readOutput(const std::string& path, const ascend::LaunchPlan& plan) {
  std::ifstream file(path, std::ios::binary);
  std::vector<float> out;
  for (const std::string& name : plan.arguments) {
    std::int64_t bytes = 0;
    file.read(reinterpret_cast<char*>(&bytes), sizeof bytes);
    std::vector<char> content(static_cast<std::size_t>(bytes));
    file.read(content.data(), bytes);
    if (name != "out")
      continue;
    out.resize(content.size() / sizeof(float));
    std::memcpy(out.data(), content.data(), content.size());
  }
  return out;
}

double since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

} // namespace

std::chrono::duration<double> expectedRunTime(const Problem& problem) {
  return std::chrono::duration<double>(problem.flops() / 2 * kSecondsPerMultiplyAdd);
}

std::chrono::milliseconds defaultRunLimit(const Problem& problem) {
  return std::max(
      std::chrono::milliseconds(kLeastRunLimit),
      std::chrono::duration_cast<std::chrono::milliseconds>(kPatience * expectedRunTime(problem)));
}

IsaOptions IsaOptions::fromEnvironment() {
  IsaOptions options;
  if (const char* root = std::getenv("PTO_ISA_ROOT"); root != nullptr)
    options.root = root;
  const char* compiler = std::getenv("PTO_TUNE_HOST_CXX");
  options.compiler = compiler != nullptr ? compiler : kHostCompiler;
  return options;
}

Result<std::unique_ptr<IsaProgram>> IsaProgram::make(const IsaOptions& options) {
  if (auto status = ascend::checkIsaRoot(options.root); !status)
    return status.error();
  std::unique_ptr<IsaProgram> program(new IsaProgram(options));
  if (auto status = program->prepare(); !status)
    return status.error();
  return program;
}

std::vector<std::string> IsaProgram::command(const char* core) const {
  return {options_.compiler,
          "-std=c++20",
          "-O1",
          "-fPIC",
          "-w",
          "-D__CPU_SIM",
          std::string("-D") + core,
          "-I" + options_.root + "/include",
          "-I" + folder_.path()};
}

Status IsaProgram::compile(const std::vector<std::string>& command, const char* what) const {
  const auto compiled = runCommand(command, options_.compileLimit);
  if (!compiled)
    return compiled.error();
  if (compiled->good())
    return {};
  return Error{.message = fmt::format("the CPU simulation of {} does not compile {} ({}):\n{}",
                                      options_.root, what, compiled->ending(),
                                      errorsOf(compiled->output, 3)),
               .advice =
                   fmt::format("pto-isa {} is a commit that has what is needed", kKnownCommit)};
}

Status IsaProgram::prepare() {
  folder_ = TemporaryFolder("isa");
  if (folder_.path().empty())
    return Error{.message = "no folder for temporary files can be made",
                 .advice = "set TMPDIR to a folder that can be written"};
  writeText(path("flags.h"), kFlags);
  writeText(path("prefix.h"), kCorePrefix);
  writeText(path("host.cpp"), kHostProgram);
  writeText(path("probe.cpp"), kProbe);
  std::vector<std::future<Status>> parts;
  for (const char* core : kCores)
    parts.push_back(std::async(std::launch::async, [this, core]() -> Status {
      auto header = command(core);
      const std::string compiled = path(std::string(core) + ".pch");
      header.insert(header.end(), {"-x", "c++-header", path("prefix.h"), "-o", compiled});
      if (auto status = compile(header, "its own headers"); !status)
        return status;
      auto probe = command(core);
      probe.insert(probe.end(), {"-include-pch", compiled, "-fsyntax-only", path("probe.cpp")});
      return compile(probe, "FIFOs of GlobalTensor");
    }));
  Status all = compile({options_.compiler, "-std=c++20", "-O1", "-I" + folder_.path(),
                        path("host.cpp"), "-o", path("host"), "-ldl", "-lpthread"},
                       "the program around it");
  for (std::future<Status>& part : parts)
    if (auto status = part.get(); !status && all)
      all = status;
  return all;
}

Status IsaProgram::build(const LoweredKernel& kernel, const std::vector<ascend::Entry>& entries,
                         const ascend::LaunchPlan& plan) {
  writeText(path("kernel.cpp"), kernel.cpp + launchText(entries, plan) + kCoreSuffix);
  std::vector<std::future<Status>> parts;
  for (const char* core : kCores)
    parts.push_back(std::async(std::launch::async, [this, core] {
      auto words = command(core);
      words.insert(words.end(),
                   {"-include-pch", path(std::string(core) + ".pch"), "-shared", path("kernel.cpp"),
                    "-o", path(std::string(core) + ".so"), "-ldl"});
      return compile(words, "the kernel");
    }));
  Status all;
  for (std::future<Status>& part : parts)
    if (auto status = part.get(); !status && all)
      all = status;
  return all;
}

Result<IsaAnswer> IsaProgram::run(const LoweredKernel& kernel, const Point& point,
                                  const sim::AttentionCase& attention) {
  if (point.pipeModel() != PipeModel::slot)
    return Error{.message = "only kernels whose FIFO entries stay in global memory are run",
                 .key = "PIPE_MODEL",
                 .value = valueText(Param::pipeModel, point[Param::pipeModel]),
                 .expected = "slot"};
  const auto entries = ascend::entriesOf(kernel.cpp);
  if (!entries)
    return entries.error();
  const auto plan = ascend::planLaunch(kernel.program, *entries);
  if (!plan)
    return plan.error();
  const auto bytes = ascend::bytesOf(*plan, attention.problem, 1);
  if (!bytes)
    return bytes.error();
  IsaAnswer answer;
  auto start = Clock::now();
  if (auto status = build(kernel, *entries, *plan); !status)
    return status.error();
  answer.compileSeconds = since(start);
  start = Clock::now();
  writeBuffers(path("data"), *plan, *bytes, attention.inputs);
  const auto ran =
      runCommand({path("host"), path("__DAV_CUBE__.so"), path("__DAV_VEC__.so"),
                  std::to_string(entries->size()), std::to_string(attention.problem.s0),
                  std::to_string(attention.problem.s1), path("data")},
                 options_.runLimit.value_or(defaultRunLimit(attention.problem)),
                 {"PTO_CPU_SIM_NUM_CORES=1", "PTO_CPU_SIM_TRACE_ENABLE=0"});
  if (!ran)
    return ran.error();
  if (ran->timedOut)
    return Error{.message = fmt::format("the kernel did not end within {:g} s on the CPU "
                                        "simulation, which takes about {:.2g} s for such a problem",
                                        std::chrono::duration<double>(ran->limit).count(),
                                        expectedRunTime(attention.problem).count()),
                 .advice = "raise the limit where the host is slow"};
  if (!ran->good())
    return Error{.message =
                     fmt::format("the kernel did not end well on the CPU simulation ({}):\n{}",
                                 ran->ending(), lastLines(ran->output, 6))};
  answer.out = readOutput(path("data"), *plan);
  answer.runSeconds = since(start);
  return answer;
}

} // namespace ptotune::isa
