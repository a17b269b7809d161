#include "tuner/cli/Log.h"

#include "tuner/cli/Terminal.h"

#include <spdlog/sinks/stdout_color_sinks.h>

#include <atomic>
#include <memory>

namespace ptotune::cli {
namespace {

std::atomic<Verbosity> chosen{Verbosity::normal};

spdlog::logger makeLog() {
  const auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>(
      terminalOf(stderr).colour ? spdlog::color_mode::always : spdlog::color_mode::never);
  spdlog::logger logger("pto-tune", sink);
  logger.set_pattern("%n: %^%l%$: %v");
  logger.flush_on(spdlog::level::trace);
  return logger;
}

} // namespace

void setVerbosity(Verbosity verbosity) {
  chosen = verbosity;
  log().set_level(verbosity == Verbosity::quiet     ? spdlog::level::err
                  : verbosity == Verbosity::verbose ? spdlog::level::debug
                                                    : spdlog::level::info);
}

Verbosity verbosity() {
  return chosen;
}

spdlog::logger& log() {
  static spdlog::logger logger = makeLog();
  return logger;
}

} // namespace ptotune::cli
