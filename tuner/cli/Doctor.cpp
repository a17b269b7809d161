// pto-tune doctor: what is installed, and what to do about what is not.
#include "tuner/Doctor.h"

#include "tuner/cli/Commands.h"
#include "tuner/cli/Terminal.h"
#include "tuner/cli/Text.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace ptotune::cli {
namespace {

constexpr const char* kExamples = R"(Tuning on the virtual Ascend needs none of what may be absent.

Examples:
  pto-tune doctor
  pto-tune doctor --format json | jq '.checks[] | select(.state != "found")'

Exit code: 0 nothing is broken, 1 something that is there or was asked for does
not work, 2 bad input.)";

struct Options {
  std::string database = kDefaultDatabase;
  std::string format;
};

bool anyBroken(const std::vector<Check>& checks) {
  return std::ranges::any_of(checks,
                             [](const Check& one) { return one.state == CheckState::broken; });
}

std::string jsonOf(const std::vector<Check>& checks) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Check& one : checks)
    list.push_back({{"check", one.id},
                    {"state", name(one.state)},
                    {"found", one.found},
                    {"needed_for", one.neededFor},
                    {"advice", one.advice}});
  const nlohmann::ordered_json all = {
      {"version", PTO_TUNE_VERSION}, {"broken", anyBroken(checks)}, {"checks", list}};
  return all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string textOf(const std::vector<Check>& checks, std::size_t width) {
  constexpr std::size_t kIndent = 8;
  std::string text;
  for (const Check& one : checks) {
    text += fmt::format("{:<7} {}\n", name(one.state), one.title);
    text += wrapped(one.found, kIndent, width) + "\n";
    if (one.state == CheckState::absent)
      text += wrapped("needed for: " + one.neededFor, kIndent, width, 2) + "\n";
    if (!one.advice.empty())
      text += wrapped("to do: " + one.advice, kIndent, width, 2) + "\n";
  }
  return text;
}

int runDoctor(const Options& options) {
  const std::vector<Check> checks = examine(options.database);
  if (options.format == "json")
    fmt::print("{}\n", jsonOf(checks));
  else
    fmt::print("pto-tune {}\n\n{}", PTO_TUNE_VERSION, textOf(checks, terminalOf(stdout).width));
  return anyBroken(checks) ? kRejected : kSuccess;
}

} // namespace

void addDoctor(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("doctor", "Say what is here, and what to do about what is not");
  addFile(*command, "--db", options->database, "tuning database, only read");
  addFormat(*command, options->format);
  command->footer(kExamples);
  command->callback([options, &chosen] { chosen = [options] { return runDoctor(*options); }; });
}

} // namespace ptotune::cli
