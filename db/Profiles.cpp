#include "db/Profiles.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

namespace ptotune {
namespace {

namespace fs = std::filesystem;

bool hasProfiles(const fs::path& configs) {
  std::error_code missing;
  return fs::is_directory(configs / "soc", missing);
}

} // namespace

std::string configsFolder() {
  if (const char* named = std::getenv("PTO_TUNE_CONFIGS"); named != nullptr && *named != '\0')
    return named;
  std::error_code missing;
  const fs::path program = fs::read_symlink("/proc/self/exe", missing);
  const fs::path beside = program.parent_path().parent_path() / "share/pto-tune/configs";
  for (const fs::path& configs : {beside, fs::path(PTO_TUNE_INSTALLED_CONFIGS)})
    if (hasProfiles(configs))
      return configs.string();
  return {};
}

Status Profiles::read() {
  std::map<std::string, SocProfile> profiles;
  std::vector<fs::path> files;
  std::error_code failed;
  if (!configs_.empty()) {
    for (const auto& entry : fs::directory_iterator(fs::path(configs_) / "soc", failed))
      if (entry.path().extension() == ".toml")
        files.push_back(entry.path());
    if (failed)
      return Error{.message =
                       "the folder of SoC profiles cannot be read (" + failed.message() + ")",
                   .file = (fs::path(configs_) / "soc").string(),
                   .advice = "correct PTO_TUNE_CONFIGS, or install pto-tune again"};
  }
  std::ranges::sort(files);
  for (const fs::path& file : files) {
    auto profile = loadSoc(file.string());
    if (!profile)
      return profile.error();
    std::string name = profile->name;
    profiles.emplace(std::move(name), *std::move(profile));
  }
  profiles_ = std::move(profiles);
  return {};
}

Result<const SocProfile*> Profiles::find(const std::string& soc) {
  if (!profiles_)
    if (auto done = read(); !done)
      return done.error();
  const auto found = profiles_->find(soc);
  return found == profiles_->end() ? nullptr : &found->second;
}

} // namespace ptotune
