#include "runners/AscendRunner.h"

#include "runners/KernelBuild.h"

#include <filesystem>

namespace ptotune {

AscendRunner::AscendRunner(const SocProfile& soc, const ascend::AscendOptions& options,
                           Folder folder, ascend::Toolchain toolchain)
    : DeviceRunner(soc, options, std::move(toolchain)), folder_(std::move(folder)) {}

Result<std::unique_ptr<Runner>> AscendRunner::builder(const SocProfile& soc,
                                                      const ascend::AscendOptions& options) {
  // What is missing is said before a folder is made.
  if (const auto compiler = ascend::findCompiler(options); !compiler)
    return compiler.error();
  if (auto status = ascend::checkIsaRoot(options.isaRoot); !status)
    return status.error();
  auto folder = makeFolder(options);
  if (!folder)
    return folder.error();
  auto toolchain = ascend::identify(soc, options, folder->path);
  if (!toolchain)
    return toolchain.error();
  tellWorkers(*toolchain);
  return std::unique_ptr<Runner>(
      new AscendRunner(soc, options, *std::move(folder), *std::move(toolchain)));
}

Result<AscendRunner::Folder> AscendRunner::makeFolder(const ascend::AscendOptions& options) {
  std::error_code failed;
  Folder folder;
  if (options.buildFolder.empty()) {
    folder.temporary = TemporaryFolder("kernels");
    folder.path = folder.temporary.path();
  } else {
    folder.path = std::filesystem::absolute(options.buildFolder).string();
    std::filesystem::create_directories(folder.path, failed);
  }
  if (failed || !std::filesystem::is_directory(folder.path))
    return Error{.message = "the folder for built kernels cannot be made",
                 .file = folder.path,
                 .advice = "name another one in PTO_TUNE_BUILD_DIR"};
  return folder;
}

Result<std::shared_ptr<const Artifact>> AscendRunner::prepare(const Candidate& candidate) {
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
    auto artifact =
        ascend::buildKernel(key.first, key.second, soc_, options_, toolchain_, folder_.path);
    promise.set_value(artifact ? Built(std::shared_ptr<const Artifact>(*artifact))
                               : Built(artifact.error()));
  }
  return built.get();
}

} // namespace ptotune
