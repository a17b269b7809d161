#include "runners/KernelBuild.h"

#include "codegen/Lowering.h"
#include "runners/ascend/CompileCommand.h"
#include "runners/worker/Command.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <fstream>

namespace ptotune::ascend {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kTailLines = 30;

bool writeText(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  return static_cast<bool>(file.flush());
}

// Builds `source`; the headers must be those that the toolchain was identified by.
Status compile(const SocProfile& soc, const AscendOptions& options, const Toolchain& toolchain,
               const std::string& folder, const std::string& library) {
  const auto command =
      compileCommand(soc, {toolchain.compiler, options.isaRoot, folder + "/launch.cpp", library});
  if (!command)
    return command.error();
  const auto headers = runCompiler(*command, options, folder, library);
  if (!headers)
    return headers.error();
  std::vector<std::string> used;
  for (const std::string& header : *headers)
    if (!header.ends_with("/kernel.cpp"))
      used.push_back(header);
  if (auto status = checkHeaderOrigin(used, options.isaRoot); !status)
    return status.error();
  const auto hash = hashHeaders(used, options.isaRoot);
  if (!hash)
    return hash.error();
  if (*hash != toolchain.headers)
    return Error{.message = "the headers that the kernel includes are not those of the beginning",
                 .advice = "they were changed in the meantime: start again"};
  return {};
}

} // namespace

Result<std::vector<std::string>> runCompiler(const std::vector<std::string>& command,
                                             const AscendOptions& options,
                                             const std::string& folder,
                                             const std::string& product) {
  auto built = runCommand(command, options.compileLimit);
  if (!built)
    return built.error();
  const std::string whole = built->output;
  auto headers = takeHeaderList(built->output);
  if (built->good() && std::filesystem::exists(product))
    return headers;
  writeText(folder + "/compiler.log", commandLine(command) + "\n" + whole);
  return Error{.message = fmt::format("the compiler failed ({}):\n{}\n{}", built->ending(),
                                      commandLine(command), lastLines(built->output, kTailLines))};
}

Result<std::shared_ptr<const AscendArtifact>>
buildKernel(const KernelSpec& spec, const Point& point, const SocProfile& soc,
            const AscendOptions& options, const Toolchain& toolchain, const std::string& folder) {
  const auto start = Clock::now();
  const auto kernel = lower(spec, point, soc, Emit::program | Emit::cpp);
  if (!kernel)
    return kernel.error();
  const auto entries = entriesOf(kernel->cpp);
  if (!entries)
    return entries.error();
  auto plan = planLaunch(kernel->program, *entries);
  if (!plan)
    return plan.error();

  // Points may share their source: each has its own folder.
  const std::string own =
      fmt::format("{}/{}", folder, Hash::of(kernel->sourceHash.hex() + point.json()).hex());
  std::error_code failed;
  std::filesystem::create_directories(own, failed);
  if (failed || !writeText(own + "/kernel.cpp", kernel->cpp) ||
      !writeText(own + "/launch.cpp", shimSource(*entries, *plan, "kernel.cpp", spec, point)))
    return Error{.message = "the kernel's source cannot be written",
                 .file = own,
                 .advice = "check the disk"};
  auto artifact = std::make_shared<AscendArtifact>();
  artifact->library = own + "/libkernel.so";
  if (auto status = compile(soc, options, toolchain, own, artifact->library); !status)
    return status.error();
  artifact->plan = *std::move(plan);
  artifact->source = kernel->sourceHash;
  artifact->program = kernel->programHash;
  artifact->seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return std::shared_ptr<const AscendArtifact>(std::move(artifact));
}

} // namespace ptotune::ascend
