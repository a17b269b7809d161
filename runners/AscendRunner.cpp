#include "runners/AscendRunner.h"

#include "runners/ascend/Acl.h"
#include "runners/ascend/DeviceMeasurement.h"
#include "runners/ascend/Repetitions.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>

namespace ptotune {
namespace {

using Clock = std::chrono::steady_clock;

// What the builder knows of its toolchain: Toolchain::json with the headers' hash.
constexpr const char* kToolchainVariable = "PTO_TUNE_TOOLCHAIN";

} // namespace

AscendRunner::AscendRunner(SocProfile soc, ascend::AscendOptions options)
    : soc_(std::move(soc)), options_(std::move(options)) {}

AscendRunner::~AscendRunner() = default;

AscendRunner::Made AscendRunner::builder(const SocProfile& soc,
                                         const ascend::AscendOptions& options) {
  std::unique_ptr<AscendRunner> runner(new AscendRunner(soc, options));
  // What is missing is said before a folder is made.
  if (const auto compiler = ascend::findCompiler(options); !compiler)
    return compiler.error();
  if (auto status = ascend::checkIsaRoot(options.isaRoot); !status)
    return status.error();
  if (auto status = runner->makeFolder(); !status)
    return status.error();
  auto toolchain = ascend::identify(soc, options, runner->folder_);
  if (!toolchain)
    return toolchain.error();
  runner->toolchain_ = *std::move(toolchain);
  runner->builds_ = true;
  ::setenv(kToolchainVariable, runner->toolchain_.forWorkers().c_str(), 1);
  return std::unique_ptr<Runner>(std::move(runner));
}

AscendRunner::Made AscendRunner::worker(const SocProfile& soc, const ascend::AscendOptions& options,
                                        bool afterFault) {
  std::unique_ptr<AscendRunner> runner(new AscendRunner(soc, options));
  const auto acl = ascend::loadAcl(options.acl);
  if (!acl)
    return acl.error();
  if (auto status = ascend::checkDevice(*acl, soc, options, afterFault); !status)
    return status.error();
  if (auto status = runner->takeToolchain(); !status)
    return status.error();
  return std::unique_ptr<Runner>(std::move(runner));
}

Status AscendRunner::makeFolder() {
  std::error_code failed;
  if (options_.buildFolder.empty()) {
    temporary_ = TemporaryFolder("kernels");
    folder_ = temporary_.path();
  } else {
    folder_ = std::filesystem::absolute(options_.buildFolder).string();
    std::filesystem::create_directories(folder_, failed);
  }
  if (failed || !std::filesystem::is_directory(folder_))
    return Error{.message = "the folder for built kernels cannot be made",
                 .file = folder_,
                 .advice = "name another one in PTO_TUNE_BUILD_DIR"};
  return {};
}

Status AscendRunner::takeToolchain() {
  const char* told = std::getenv(kToolchainVariable);
  if (told == nullptr) {
    if (auto status = makeFolder(); !status)
      return status;
    auto toolchain = ascend::identify(soc_, options_, folder_);
    if (!toolchain)
      return toolchain.error();
    toolchain_ = *std::move(toolchain);
    return {};
  }
  auto toolchain = ascend::Toolchain::fromBuilder(told);
  if (!toolchain)
    return toolchain.error();
  toolchain_ = *std::move(toolchain);
  toolchain_.driver = ascend::valueInFile(options_.driverFile, "Version");
  return {};
}

Environment AscendRunner::environment() const {
  Environment environment;
  environment.soc = soc_.name;
  environment.runner = kAscendRunner;
  environment.runnerVersion = kAscendVersion;
  environment.toolchain = toolchain_.json();
  environment.toolVersion = PTO_TUNE_VERSION;
  environment.cores = soc_.cubeCores;
  environment.frequency = static_cast<std::int64_t>(soc_.clockHz);
  environment.isaHash = toolchain_.headers.hex();
  return environment;
}

Result<std::shared_ptr<const Artifact>> AscendRunner::prepare(const Candidate& candidate) {
  if (!builds_)
    return Error{.message = "a worker of the runner 'ascend' builds nothing"};
  const Key key{KernelSpec::of(candidate.problem), candidate.point};
  std::promise<Built> promise;
  std::shared_future<Built> built;
  bool mine = false;
  {
    const std::lock_guard lock(mutex_);
    const auto found = built_.find(key);
    mine = found == built_.end();
    built = mine ? promise.get_future().share() : found->second;
    if (mine)
      built_.emplace(key, built);
  }
  if (mine) {
    auto artifact = ascend::buildKernel(key.first, key.second, soc_, options_, toolchain_, folder_);
    promise.set_value(artifact ? Built(std::shared_ptr<const Artifact>(*artifact))
                               : Built(artifact.error()));
  }
  return built.get();
}

Result<std::shared_ptr<const Artifact>> AscendRunner::adopt(const Candidate& /*candidate*/,
                                                            std::string_view wire) {
  return ascend::AscendArtifact::fromWire(wire);
}

Trial AscendRunner::measure(const Candidate& candidate, const Artifact& artifact,
                            const Budget& budget) {
  const auto start = Clock::now();
  Trial trial;
  trial.problem = candidate.problem;
  trial.point = candidate.point;
  trial.sourceHash = artifact.sourceHash();
  trial.programHash = artifact.programHash();
  const auto* built = dynamic_cast<const ascend::AscendArtifact*>(&artifact);
  if (built == nullptr) {
    trial.detail = "the artifact was prepared by another runner";
    return trial;
  }
  trial.prepareSeconds = built->seconds;
  const auto acl = ascend::loadAcl(options_.acl);
  if (auto status = ascend::checkBudget(budget); !status)
    trial.detail = status.error().text();
  else if (!acl)
    trial.detail = acl.error().text();
  else
    ascend::DeviceMeasurement(*acl, soc_, options_, candidate.problem, *built, budget).run(trial);
  trial.measureSeconds = std::chrono::duration<double>(Clock::now() - start).count();
  return trial;
}

} // namespace ptotune
