#include "runners/MakeRunner.h"

#include "runners/AscendRunner.h"
#include "runners/SimRunner.h"
#include "runners/worker/Device.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace ptotune {
namespace {

using Made = Result<std::unique_ptr<Runner>>;

struct Entry {
  const char* name;
  Made (*make)(const RunnerSpec& spec);
};

Made makeSim(const RunnerSpec& spec) {
  return std::unique_ptr<Runner>(std::make_unique<SimRunner>(spec.soc));
}

Made makeAscend(const RunnerSpec& spec) {
  auto options = ascend::AscendOptions::fromEnvironment();
  std::from_chars(spec.device.data(), spec.device.data() + spec.device.size(), options.device);
  return spec.worker ? AscendRunner::worker(spec.soc, options, spec.afterFault)
                     : AscendRunner::builder(spec.soc, options);
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

Result<std::unique_ptr<Runner>> makeRunner(const worker::OpenRequest& request) {
  auto soc = parseSoc(request.soc, "the profile of the parent");
  if (!soc)
    return soc.error();
  soc->derived = request.derived;
  return makeRunner({.name = request.runner,
                     .soc = *std::move(soc),
                     .device = resolvedDevice(request.device),
                     .worker = true,
                     .afterFault = request.afterFault});
}

} // namespace ptotune
