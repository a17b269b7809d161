#include "runners/MakeRunner.h"

#include "runners/AscendRunner.h"
#include "runners/SimRunner.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace ptotune {
namespace {

using Made = Result<std::unique_ptr<Runner>>;

struct Entry {
  const char* name;
  Made (*make)(const RunnerSpec& spec);
};

Made makeSim(const RunnerSpec& spec) {
  return std::unique_ptr<Runner>(
      std::make_unique<SimRunner>(spec.soc, SimRunner::kCapacity, spec.forWorkers));
}

Made makeAscend(const RunnerSpec& spec) {
  return AscendRunner::builder(spec.soc, ascend::AscendOptions::fromEnvironment());
}

constexpr std::array kRunners = {
    Entry{kSimRunner, makeSim},
    Entry{kAscendRunner, makeAscend},
};

} // namespace

std::vector<std::string> runnerNames() {
  std::vector<std::string> names;
  names.reserve(kRunners.size());
  for (const Entry& entry : kRunners)
    names.emplace_back(entry.name);
  return names;
}

Result<std::unique_ptr<Runner>> makeRunner(const RunnerSpec& spec) {
  const auto entry = std::ranges::find(kRunners, spec.name, &Entry::name);
  if (entry == kRunners.end())
    return Error{.message = "there is no such runner",
                 .value = spec.name,
                 .expected = fmt::format("{}", fmt::join(runnerNames(), ", "))};
  return entry->make(spec);
}

} // namespace ptotune
