#include "tuner/cli/ProgressLine.h"

#include "tuner/cli/Log.h"
#include "tuner/cli/Text.h"

#include <fmt/format.h>

namespace ptotune::cli {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kPoll = 100ms;
constexpr auto kPlainInterval = 10s;
constexpr const char* kEraseLine = "\r\x1b[K";

double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

} // namespace

std::string progressText(std::uint64_t done, std::uint64_t total, double seconds) {
  std::string text = fmt::format("{} of {} points", grouped(done), grouped(total));
  if (total > 0)
    text += fmt::format(", {} %", 100 * done / total);
  if (done > 0 && done < total && seconds > 0) {
    const double rate = static_cast<double>(done) / seconds;
    text += rate >= 9.95 ? fmt::format(", {}/s", grouped(static_cast<std::uint64_t>(rate)))
                         : fmt::format(", {:.1f}/s", rate);
    text += fmt::format(", {} left", duration(static_cast<double>(total - done) / rate));
  }
  return text;
}

std::string measuredText(std::uint64_t measured, double seconds) {
  std::string text = counted(measured, "point") + " measured";
  if (seconds > 0)
    text += fmt::format(", {:.1f}/s", static_cast<double>(measured) / seconds);
  return text;
}

std::string lookingText(std::uint64_t lookedAt, std::uint64_t toLookAt, double seconds) {
  return "looking at the space, " + progressText(lookedAt, toLookAt, seconds);
}

ProgressLine::ProgressLine(const TuneProgress& progress, std::FILE* stream)
    : progress_(progress), stream_(stream), terminal_(terminalOf(stream)), start_(Clock::now()),
      searchStart_(start_), thread_([this] { loop(); }) {}

ProgressLine::~ProgressLine() {
  {
    const std::lock_guard lock(mutex_);
    finished_ = true;
  }
  wake_.notify_all();
  thread_.join();
  if (shown_ && terminal_.interactive)
    fmt::print(stream_, "{}", kEraseLine);
  std::fflush(stream_);
}

double ProgressLine::seconds() const {
  return secondsSince(start_);
}

void ProgressLine::loop() {
  std::unique_lock lock(mutex_);
  auto nextPlain = start_ + kPlainInterval;
  while (!wake_.wait_for(lock, kPoll, [this] { return finished_; })) {
    watchPhase();
    const bool stopping = progress_.stop && !saidStopping_;
    if (!terminal_.interactive && !stopping && Clock::now() < nextPlain)
      continue;
    show(stopping);
    nextPlain = Clock::now() + kPlainInterval;
  }
}

void ProgressLine::watchPhase() {
  if (!searching_ && progress_.total > 0) {
    searching_ = true;
    searchStart_ = Clock::now();
  }
  const std::uint64_t lookedAt = progress_.lookedAt;
  const bool looking = lookedAt < progress_.toLookAt;
  if (looking && !looking_) {
    lookStart_ = Clock::now();
    lookedBefore_ = lookedAt;
  }
  looking_ = looking;
}

std::string ProgressLine::text() const {
  if (looking_)
    return lookingText(progress_.lookedAt - lookedBefore_, progress_.toLookAt - lookedBefore_,
                       secondsSince(lookStart_));
  if (searching_)
    return progressText(progress_.done, progress_.total, secondsSince(searchStart_));
  const std::uint64_t measured = progress_.measured;
  return measured > 0 ? measuredText(measured, seconds()) : "looking at the space";
}

void ProgressLine::show(bool stopping) {
  saidStopping_ |= stopping;
  if (verbosity() == Verbosity::quiet)
    return;
  if (stopping) {
    fmt::print(stream_,
               "{}stopping: running measurements finish and are stored; "
               "again to end at once\n",
               terminal_.interactive ? kEraseLine : "");
  } else {
    const std::string line = text();
    if (terminal_.interactive)
      fmt::print(stream_, "{}{}", kEraseLine, line.substr(0, terminal_.width - 1));
    else
      fmt::print(stream_, "{}\n", line);
    shown_ = true;
  }
  std::fflush(stream_);
}

} // namespace ptotune::cli
