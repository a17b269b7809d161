#include "runners/manual/ManualKernels.h"

#include "runners/KernelBuild.h"
#include "runners/ascend/CompileCommand.h"
#include "runners/manual/ManualKernel.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>

namespace ptotune::manual {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

bool writeText(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  return static_cast<bool>(file.flush());
}

// The included file of this name must be this one.
Status checkFile(const std::vector<std::string>& headers, const std::string& name,
                 const std::string& expected) {
  const auto found = std::ranges::find_if(
      headers, [&](const std::string& header) { return header.ends_with("/" + name); });
  std::error_code failed;
  if (found != headers.end() && fs::equivalent(*found, expected, failed))
    return {};
  return Error{.message = found == headers.end()
                              ? fmt::format("the compiler did not say which {} it included", name)
                              : fmt::format("the compiler included {}", *found),
               .expected = expected,
               .advice = "remove or rename the other file"};
}

} // namespace

Result<std::unique_ptr<ManualKernels>> ManualKernels::make(const SocProfile& soc,
                                                           const ascend::AscendOptions& options) {
  std::unique_ptr<ManualKernels> kernels(new ManualKernels(soc, options));
  if (auto status = checkTree(options.isaRoot); !status)
    return status.error();
  if (auto status = ascend::checkIsaRoot(options.isaRoot); !status)
    return status.error();
  auto compiler = ascend::findCompiler(options);
  if (!compiler)
    return compiler.error();
  kernels->compiler_ = *std::move(compiler);
  if (auto status = kernels->makeFolder(); !status)
    return status.error();
  return kernels;
}

Status ManualKernels::makeFolder() {
  std::error_code failed;
  if (options_.buildFolder.empty()) {
    temporary_ = TemporaryFolder("manual");
    folder_ = temporary_.path();
  } else {
    folder_ = fs::absolute(options_.buildFolder).string();
    fs::create_directories(folder_, failed);
  }
  if (failed || !fs::is_directory(folder_))
    return Error{.message = "the folder for built kernels cannot be made",
                 .file = folder_,
                 .advice = "name another one in PTO_TUNE_BUILD_DIR"};
  return {};
}

Result<std::shared_ptr<const Artifact>> ManualKernels::build(const Problem& problem,
                                                             const Point& point) {
  const auto start = Clock::now();
  if (std::string text = objection(problem, point, soc_); !text.empty())
    return Error{.message = "upstream's manual kernel cannot run it: " + text};
  const std::string unit = unitSource(problem, point);
  const std::string cases = casesHeader(problem, point, soc_);
  const Hash text = Hash::of(unit + cases);
  const std::string own = fmt::format("{}/manual-{}", folder_, text.hex());
  std::error_code failed;
  fs::create_directories(own, failed);
  if (failed || !writeText(fmt::format("{}/{}", own, kCasesHeader), cases) ||
      !writeText(own + "/launch.cpp", unit))
    return Error{.message = "the kernel's source cannot be written",
                 .file = own,
                 .advice = "check the disk"};
  auto artifact = std::make_shared<ascend::AscendArtifact>();
  artifact->library = own + "/libkernel.so";
  auto files = compile(own, artifact->library);
  if (!files)
    return files.error();
  artifact->plan = launchPlan(problem, point);
  artifact->source = Hash::of(text.hex() + files->hex());
  artifact->program = artifact->source;
  artifact->seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return std::shared_ptr<const Artifact>(std::move(artifact));
}

Result<Hash> ManualKernels::compile(const std::string& folder, const std::string& library) {
  ascend::CompileInput input{.compiler = compiler_,
                             .isaRoot = options_.isaRoot,
                             .source = folder + "/launch.cpp",
                             .library = library,
                             .includes = {fmt::format("{}/{}", options_.isaRoot, kFolder), folder}};
  // The kernel includes <acl/acl.h>.
  if (!options_.home.empty())
    input.includes.push_back(options_.home + "/include");
  const auto commands = ascend::manualCommands(soc_, input);
  if (!commands)
    return commands.error();
  const auto headers =
      ascend::runCompiler(commands->compile, options_, folder, commands->link.back());
  if (!headers)
    return headers.error();
  auto files = identify(*headers, folder);
  if (!files)
    return files.error();
  if (const auto linked = ascend::runCompiler(commands->link, options_, folder, library); !linked)
    return linked.error();
  return files;
}

Result<Hash> ManualKernels::identify(const std::vector<std::string>& headers,
                                     const std::string& folder) {
  const std::string cases = fmt::format("{}/{}", folder, kCasesHeader);
  if (auto status = ascend::checkHeaderOrigin(headers, options_.isaRoot); !status)
    return status.error();
  if (auto status =
          checkFile(headers, kSource, fmt::format("{}/{}/{}", options_.isaRoot, kFolder, kSource));
      !status)
    return status.error();
  if (auto status = checkFile(headers, kCasesHeader, cases); !status)
    return status.error();
  std::vector<std::string> used;
  for (const std::string& header : headers)
    if (!header.ends_with(std::string("/") + kCasesHeader))
      used.push_back(header);
  const auto hash = ascend::hashHeaders(used, options_.isaRoot);
  if (!hash)
    return hash.error();
  const std::lock_guard lock(mutex_);
  if (files_.empty())
    files_ = *hash;
  count_ = used.size();
  if (*hash != files_)
    return Error{.message = "the files that upstream's manual kernel includes are not those of the "
                            "beginning",
                 .advice = "they were changed in the meantime: start again"};
  return *hash;
}

std::string ManualKernels::identity() const {
  constexpr std::size_t kShortHash = 8;
  const std::lock_guard lock(mutex_);
  if (files_.empty())
    return "";
  return fmt::format("{} of {}, {} files, {}", kFolder, options_.isaRoot, count_,
                     files_.hex().substr(0, kShortHash));
}

} // namespace ptotune::manual
