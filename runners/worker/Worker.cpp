#include "runners/worker/Worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ptotune::worker {
namespace {

using Got = ChildProcess::Got;
using Clock = ChildProcess::Clock;

// What a launcher may print before the worker speaks.
constexpr std::size_t kMostBanner = std::size_t{64} << 10; // bytes
constexpr std::chrono::seconds kClosePatience{2};
// So often it is looked at whether to go on waiting.
constexpr std::chrono::milliseconds kGlance{100};
constexpr std::size_t kShownErrors = 1000; // bytes of stderr in a trial's detail

std::string seconds(std::chrono::milliseconds time) {
  return fmt::format("{:g} s", static_cast<double>(time.count()) / 1000);
}

constexpr const char* kBreaks = "the worker breaks the protocol: ";

// What is wrong with an answer that reads well; null when nothing is.
const char* objectionTo(const TrialAnswer& answer, const MeasureRequest& request,
                        const Environment& environment) {
  if (answer.id != request.id || answer.trial.problem != request.candidate.problem ||
      answer.trial.point != request.candidate.point)
    return "it answers for another candidate";
  if (answer.environment != environment)
    return "it answers for another environment";
  if (answer.trial.status == TrialStatus::pruned)
    return "it measured nothing";
  return nullptr;
}

// Text of a process, for a message: whole lines, and nothing that moves a cursor.
std::string printable(std::string text) {
  for (char& letter : text)
    if (static_cast<unsigned char>(letter) < ' ' && letter != '\n' && letter != '\t')
      letter = '?';
  while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
    text.pop_back();
  return text;
}

} // namespace

Result<std::unique_ptr<Worker>> Worker::start(const std::vector<std::string>& command) {
  auto process = ChildProcess::start(command);
  if (!process)
    return process.error();
  return std::unique_ptr<Worker>(new Worker(*std::move(process)));
}

std::string Worker::lastWords() const {
  std::string text = printable(process_->errorTail());
  if (text.empty())
    return {};
  if (text.size() > kShownErrors) {
    text.erase(0, text.size() - kShownErrors);
    text.erase(0, text.find('\n') + 1); // a line that is cut; npos + 1 is 0
    text = "...\n" + text;
  }
  return "; stderr:\n" + text;
}

std::string Worker::fault(Got got, Time end) {
  switch (got) {
  case Got::late:
    process_->kill();
    return "no answer in time" + lastWords();
  case Got::tooLong:
    process_->kill();
    return fmt::format("a line of the worker is longer than {} MiB",
                       ChildProcess::kLongestLine >> 20) +
           lastWords();
  case Got::line:
  case Got::closed:
    break;
  }
  // A process that has closed its stdout may still be ending.
  constexpr std::chrono::milliseconds kEnding{200};
  const Ending ending = process_->settle(std::min(end, Clock::now() + kEnding));
  return (ending.forced ? "the worker closed its output and went on"
                        : "the worker ended: " + ending.text()) +
         lastWords();
}

Status Worker::greet(Time end, const std::atomic<bool>* stop) {
  const auto next = [&](std::string& line) {
    while (true) {
      const Got got = process_->readLine(std::min(end, Clock::now() + kGlance), line);
      const bool stopped = stop != nullptr && *stop;
      if (got != Got::late || stopped || Clock::now() >= end)
        return got;
    }
  };
  std::string line;
  for (std::size_t passed = 0; passed < kMostBanner; passed += line.size() + 1) {
    const Got got = next(line);
    if (got != Got::line)
      return Error{.message = "the worker does not start: " + fault(got, end)};
    if (!line.starts_with('{'))
      continue;
    const auto hello = parseHello(line);
    if (!hello)
      return Error{.message = "the worker does not start: " + hello.error().text()};
    if (hello->protocol != kProtocolVersion || hello->tool != PTO_TUNE_VERSION)
      return Error{.message = "the worker is of another version of pto-tune",
                   .value = fmt::format("{}, protocol {}", hello->tool, hello->protocol),
                   .expected = fmt::format("{}, protocol {}", PTO_TUNE_VERSION, kProtocolVersion),
                   .advice = "install the same version where the worker runs"};
    return {};
  }
  return Error{.message = "the worker does not start: its launcher prints without end"};
}

Result<Environment> Worker::open(const OpenRequest& request, Time end) {
  std::string line;
  Got got = Got::closed;
  if (process_->send(worker::open(request), end))
    got = process_->readLine(end, line);
  if (got != Got::line)
    return Error{.message = "the worker cannot be opened: " + fault(got, end)};
  bool fromWorker = false;
  auto environment = parseReady(line, fromWorker);
  if (!environment && !fromWorker)
    return Error{.message = std::string(kBreaks) + environment.error().text()};
  if (environment)
    environment_ = *environment;
  return environment;
}

Answer Worker::measure(const MeasureRequest& request) {
  Answer answer{.trial = {.problem = request.candidate.problem, .point = request.candidate.point}};
  const auto bad = [&](TrialStatus status, std::string detail) {
    answer.trial.status = status;
    answer.trial.detail = std::move(detail);
    answer.healthy = false;
    return answer;
  };
  const Time end = Clock::now() + request.budget.limit;
  std::string line;
  Got got = Got::closed;
  if (process_->chatters()) {
    answer.unasked = true;
    return bad(TrialStatus::runtime, std::string(kBreaks) + "it speaks unasked");
  }
  const bool sent = process_->send(worker::measure(request), end);
  if (sent)
    got = process_->readLine(end, line);
  else if (Clock::now() >= end)
    got = Got::late;
  if (got == Got::late) {
    process_->kill();
    return bad(TrialStatus::timeout, fmt::format("no answer within {}: the worker was ended",
                                                 seconds(request.budget.limit)) +
                                         lastWords());
  }
  if (got != Got::line) {
    answer.unasked = !sent;
    return bad(TrialStatus::runtime, fault(got, end));
  }
  bool fromWorker = false;
  auto message = parseTrial(line, fromWorker);
  if (!message)
    return bad(TrialStatus::runtime,
               (fromWorker ? "the worker failed: " : kBreaks) + message.error().text());
  // A second answer to the last request, which came too late to be seen before this one was sent.
  answer.unasked = message->id < request.id;
  if (const char* objection = objectionTo(*message, request, environment_))
    return bad(TrialStatus::runtime, std::string(kBreaks) + objection);
  answer.trial = std::move(message->trial);
  return answer;
}

void Worker::close() {
  process_->finish(Clock::now() + kClosePatience);
}

} // namespace ptotune::worker
