#include "runners/ascend/DeviceRunner.h"

#include "runners/TemporaryFolder.h"
#include "runners/ascend/Acl.h"
#include "runners/ascend/AscendArtifact.h"
#include "runners/ascend/DeviceMeasurement.h"
#include "runners/ascend/Repetitions.h"

#include <chrono>
#include <cstdlib>
#include <utility>

namespace ptotune::ascend {
namespace {

using Clock = std::chrono::steady_clock;

// What the builder knows of its toolchain: Toolchain::forWorkers.
constexpr const char* kToolchainVariable = "PTO_TUNE_TOOLCHAIN";

// As the builder says; a worker that it cannot tell, behind ssh for example, looks by itself.
Result<Toolchain> toldToolchain(const SocProfile& soc, const AscendOptions& options) {
  if (const char* told = std::getenv(kToolchainVariable); told != nullptr) {
    auto toolchain = Toolchain::fromBuilder(told);
    if (toolchain)
      toolchain->driver = valueInFile(options.driverFile, "Version");
    return toolchain;
  }
  const TemporaryFolder folder("toolchain");
  if (folder.path().empty())
    return Error{.message = "there is no folder for temporary files",
                 .advice = "name one in TMPDIR"};
  return identify(soc, options, folder.path());
}

} // namespace

DeviceRunner::DeviceRunner(SocProfile soc, AscendOptions options, Toolchain toolchain)
    : soc_(std::move(soc)), options_(std::move(options)), toolchain_(std::move(toolchain)) {}

Result<std::unique_ptr<Runner>> DeviceRunner::open(const SocProfile& soc,
                                                   const AscendOptions& options, bool afterFault) {
  const auto acl = loadAcl(options.acl);
  if (!acl)
    return acl.error();
  if (auto status = checkDevice(*acl, soc, options, afterFault); !status)
    return status.error();
  auto toolchain = toldToolchain(soc, options);
  if (!toolchain)
    return toolchain.error();
  return std::unique_ptr<Runner>(new DeviceRunner(soc, options, *std::move(toolchain)));
}

void DeviceRunner::tellWorkers(const Toolchain& toolchain) {
  ::setenv(kToolchainVariable, toolchain.forWorkers().c_str(), 1);
}

Environment DeviceRunner::environment() const {
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

Result<std::shared_ptr<const Artifact>> DeviceRunner::prepare(const Candidate& /*candidate*/) {
  return Error{.message = "a worker of the runner 'ascend' builds nothing"};
}

Result<std::shared_ptr<const Artifact>> DeviceRunner::adopt(const Candidate& /*candidate*/,
                                                            std::string_view wire) {
  return AscendArtifact::fromWire(wire);
}

Trial DeviceRunner::measure(const Candidate& candidate, const Artifact& artifact,
                            const Budget& budget) {
  const auto start = Clock::now();
  Trial trial;
  trial.problem = candidate.problem;
  trial.point = candidate.point;
  trial.sourceHash = artifact.sourceHash();
  trial.programHash = artifact.programHash();
  const auto* built = dynamic_cast<const AscendArtifact*>(&artifact);
  if (built == nullptr) {
    trial.detail = "the artifact was prepared by another runner";
    return trial;
  }
  trial.prepareSeconds = built->seconds;
  const auto acl = loadAcl(options_.acl);
  if (auto status = checkBudget(budget); !status)
    trial.detail = status.error().text();
  else if (!acl)
    trial.detail = acl.error().text();
  else
    DeviceMeasurement(*acl, soc_, options_, candidate.problem, *built, budget).run(trial);
  trial.measureSeconds = std::chrono::duration<double>(Clock::now() - start).count();
  return trial;
}

} // namespace ptotune::ascend
