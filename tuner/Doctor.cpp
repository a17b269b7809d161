#include "tuner/Doctor.h"

#include "db/Database.h"
#include "db/configurations/Profiles.h"
#include "runners/TemporaryFolder.h"
#include "runners/ascend/Acl.h"
#include "runners/ascend/Toolchain.h"
#include "runners/worker/Command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <unistd.h>

namespace ptotune {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kVersionLimit{20};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

bool isProgram(const fs::path& path) {
  std::error_code missing;
  return fs::is_regular_file(path, missing) && ::access(path.c_str(), X_OK) == 0;
}

// A file on PATH, or `name` itself where it is a path; empty where there is none.
std::string findProgram(const std::string& name) {
  if (name.find('/') != std::string::npos)
    return isProgram(name) ? name : "";
  const std::string path = variable("PATH");
  for (std::size_t begin = 0; begin < path.size();) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    const fs::path file = fs::path(path.substr(begin, end - begin)) / name;
    if (isProgram(file))
      return file.string();
    begin = end + 1;
  }
  return "";
}

std::string firstLine(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

// The first line of its --version; nothing where it does not answer.
std::optional<std::string> versionOf(const std::string& program) {
  const auto outcome = runCommand({program, "--version"}, kVersionLimit);
  if (!outcome || !outcome->good() || outcome->output.empty())
    return std::nullopt;
  return firstLine(outcome->output);
}

// `check` with what --version of `program` says.
Check withVersion(Check check, const std::string& program) {
  const auto version = versionOf(program);
  check.state = version ? CheckState::found : CheckState::broken;
  check.found = version ? fmt::format("{} ({})", program, *version)
                        : fmt::format("{} does not answer --version", program);
  if (version)
    check.advice.clear();
  return check;
}

Check checkConfigs() {
  Check check{.id = "configs",
              .title = "SoC profiles, jobs",
              .neededFor = "jobs by name, nearest shapes of a header",
              .advice = "install pto-tune, or set PTO_TUNE_CONFIGS to the folder configs of its "
                        "sources"};
  const std::string folder = configsFolder();
  if (folder.empty()) {
    check.found = "no folder with soc/*.toml";
    return check;
  }
  Profiles profiles(folder);
  const auto read = profiles.find("");
  check.state = read ? CheckState::found : CheckState::broken;
  check.found = read ? folder : read.error().text();
  if (read)
    check.advice.clear();
  return check;
}

Check checkHostCompiler() {
  Check check{.id = "compiler",
              .title = "C++17 compiler",
              .neededFor = "programs that include the header",
              .advice = "install g++ or clang++"};
  for (const char* name : {"c++", "g++", "clang++", "clang++-19"})
    if (const std::string file = findProgram(name); !file.empty())
      return withVersion(std::move(check), file);
  check.found = "none of c++, g++, clang++ on PATH";
  return check;
}

Check checkPtoas() {
  Check check{.id = "ptoas",
              .title = "ptoas, the PTO assembler",
              .neededFor = "checking the .pto text of 'pto-tune lower --emit pto'",
              .advice = "install PTOAS and put it on PATH, or name the file in PTOAS"};
  const std::string named = variable("PTOAS");
  const std::string file = findProgram(named.empty() ? "ptoas" : named);
  if (!file.empty())
    return withVersion(std::move(check), file);
  check.state = named.empty() ? CheckState::absent : CheckState::broken;
  check.found = named.empty() ? "not on PATH" : fmt::format("PTOAS={} is no program", named);
  return check;
}

Check checkBisheng(const ascend::AscendOptions& options) {
  Check check{.id = "bisheng",
              .title = "bisheng, the device's compiler",
              .neededFor = "building kernels for a device",
              .advice = "install CANN and source its set_env.sh, or name the file in BISHENG"};
  const auto file = ascend::findCompiler(options);
  if (file)
    return withVersion(std::move(check), *file);
  check.state = options.compiler.empty() ? CheckState::absent : CheckState::broken;
  check.found = options.compiler.empty()
                    ? "neither under ASCEND_HOME_PATH nor on PATH"
                    : fmt::format("BISHENG={} is no program", options.compiler);
  return check;
}

// "commit f35e7f60", where the tree is a checkout.
std::string commitOf(const std::string& tree) {
  if (findProgram("git").empty())
    return "";
  const auto outcome = runCommand({"git", "-C", tree, "rev-parse", "HEAD"}, kVersionLimit);
  return outcome && outcome->good() ? "commit " + firstLine(outcome->output) : "";
}

// The hash of the headers, as trials on a device carry it: only the device's compiler knows which
// headers it includes.
std::string headersOf(const ascend::AscendOptions& options) {
  Profiles profiles(configsFolder());
  const auto soc = profiles.find("Ascend910B2");
  const TemporaryFolder folder("doctor");
  if (!ascend::findCompiler(options) || !soc || *soc == nullptr || folder.path().empty())
    return "headers not hashed: that takes bisheng";
  const auto toolchain = ascend::identify(**soc, options, folder.path());
  return toolchain ? fmt::format("headers {}", toolchain->headers.hex())
                   : "headers not hashed: " + firstLine(toolchain.error().text());
}

Check checkIsa(const ascend::AscendOptions& options) {
  Check check{.id = "pto_isa",
              .title = "pto-isa headers",
              .neededFor = "building kernels for a device",
              .advice = "set PTO_ISA_ROOT to a pto-isa checkout"};
  if (options.isaRoot.empty()) {
    check.found = "neither PTO_ISA_ROOT nor PTO_LIB_PATH is set";
    return check;
  }
  if (const auto status = ascend::checkIsaRoot(options.isaRoot); !status) {
    check.state = CheckState::broken;
    check.found = status.error().message;
    return check;
  }
  const std::string commit = commitOf(options.isaRoot);
  check.state = CheckState::found;
  check.found = fmt::format("{} ({}{}{})", options.isaRoot, commit, commit.empty() ? "" : ", ",
                            headersOf(options));
  check.advice.clear();
  return check;
}

Check checkAcl(const ascend::AscendOptions& options) {
  Check check{.id = "acl",
              .title = "ACL runtime (CANN)",
              .neededFor = "running kernels on a device",
              .advice = "install CANN and source its set_env.sh"};
  const bool asked = !options.home.empty() || !options.acl.library.empty();
  const auto acl = ascend::loadAcl(options.acl);
  if (acl) {
    check.state = CheckState::found;
    check.found = (*acl)->file;
    check.advice.clear();
    return check;
  }
  check.state = asked ? CheckState::broken : CheckState::absent;
  check.found = asked ? acl.error().text() : "no libascendcl.so; ASCEND_HOME_PATH is not set";
  return check;
}

Check checkDevices(const ascend::AscendOptions& options) {
  Check check{.id = "devices",
              .title = "Ascend devices",
              .neededFor = "measuring on a device",
              .advice = "install the driver; without a device the virtual Ascend (--runner sim) "
                        "answers"};
  std::vector<std::string> devices;
  std::vector<std::string> closed;
  std::error_code failed;
  constexpr std::string_view kNode = "davinci";
  for (const auto& entry : fs::directory_iterator("/dev", failed)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kNode) || name.size() == kNode.size() ||
        name.find_first_not_of("0123456789", kNode.size()) != std::string::npos)
      continue;
    devices.push_back(entry.path().string());
    if (::access(entry.path().c_str(), R_OK | W_OK) != 0)
      closed.push_back(entry.path().string());
  }
  if (devices.empty()) {
    check.found = "no /dev/davinci0 and up";
    return check;
  }
  std::ranges::sort(devices);
  const std::string driver = ascend::valueInFile(options.driverFile, "Version");
  check.state = closed.empty() ? CheckState::found : CheckState::broken;
  check.found =
      fmt::format("{}, driver {}", fmt::join(devices, ", "), driver.empty() ? "unknown" : driver);
  check.advice = closed.empty() ? "" : "join the group that owns " + closed.front();
  return check;
}

Check checkDatabase(const std::string& path) {
  Check check{.id = "database",
              .title = "tuning database",
              .neededFor = "best, export, and a tune that goes on",
              .advice = fmt::format("'pto-tune tune JOB --db {}' makes it", path)};
  std::error_code missing;
  if (!fs::exists(path, missing)) {
    check.found = fmt::format("{} does not exist yet", path);
    return check;
  }
  auto database = Database::open(path, OpenMode::readOnly);
  auto info = database ? database->info() : Result<DatabaseInfo>(database.error());
  auto findings =
      database ? database->findings() : Result<std::vector<std::string>>(database.error());
  if (!info || !findings || !findings->empty()) {
    check.state = CheckState::broken;
    check.found = !info       ? info.error().text()
                  : !findings ? findings.error().text()
                              : fmt::format("{}: {}", path, findings->front());
    check.advice = "restore a copy of the file, or name another one with --db";
    return check;
  }
  check.state = CheckState::found;
  check.found = fmt::format("{}: sound, {} samples, {} points, {} problems{}", path, info->samples,
                            info->points, info->problems, mayWrite(path) ? "" : ", read-only");
  check.advice.clear();
  return check;
}

} // namespace

const char* name(CheckState state) {
  switch (state) {
  case CheckState::found:
    return "found";
  case CheckState::absent:
    return "absent";
  case CheckState::broken:
    return "broken";
  }
  return "unknown";
}

std::vector<Check> examine(const std::string& database) {
  const ascend::AscendOptions options = ascend::AscendOptions::fromEnvironment();
  return {checkConfigs(),        checkHostCompiler(),    checkPtoas(),
          checkIsa(options),     checkBisheng(options),  checkAcl(options),
          checkDevices(options), checkDatabase(database)};
}

} // namespace ptotune
