#include "db/configurations/Profiles.h"

#include <algorithm>
#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>
#include <optional>
#include <vector>

namespace ptotune {
namespace {

namespace fs = std::filesystem;

bool hasProfiles(const fs::path& configs) {
  std::error_code missing;
  return fs::is_directory(configs / "soc", missing);
}

// The file that this code was loaded from: libptotune, or a program.
fs::path thisFile() {
  Dl_info found{};
  std::error_code missing;
  if (::dladdr(reinterpret_cast<const void*>(&configsFolder), &found) == 0 ||
      found.dli_fname == nullptr)
    return {};
  return fs::canonical(found.dli_fname, missing);
}

// share/pto-tune/configs beside bin, lib or lib/<machine>, where `file` lies in.
std::optional<fs::path> configsBeside(const fs::path& file) {
  constexpr int kLevels = 2; // bin, lib; lib/<machine>
  fs::path prefix = file.parent_path();
  for (int level = 0; level < kLevels; ++level) {
    prefix = prefix.parent_path();
    if (hasProfiles(prefix / "share/pto-tune/configs"))
      return prefix / "share/pto-tune/configs";
  }
  return std::nullopt;
}

} // namespace

std::string configsFolder() {
  if (const char* named = std::getenv("PTO_TUNE_CONFIGS"); named != nullptr && *named != '\0')
    return named;
  std::error_code missing;
  for (const fs::path& file : {fs::read_symlink("/proc/self/exe", missing), thisFile()})
    if (const auto configs = configsBeside(file); configs)
      return configs->string();
  return hasProfiles(PTO_TUNE_INSTALLED_CONFIGS) ? PTO_TUNE_INSTALLED_CONFIGS : "";
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
