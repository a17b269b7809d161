#include "runners/worker/Lane.h"

#include "runners/worker/Device.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

namespace ptotune::worker {
namespace {

using Clock = ChildProcess::Clock;

constexpr std::size_t kNameDigits = 8;

// Devices behind a launcher are other ones than those of this machine.
std::string lockName(const Options& options, const std::string& device) {
  if (options.launcher.empty())
    return fmt::format("{}-{}", options.open.runner, resolvedDevice(device));
  const Hash launcher = Hash::of(fmt::format("{}", fmt::join(options.launcher, "\n")));
  return fmt::format("{}-{}-{}", options.open.runner, launcher.hex().substr(0, kNameDigits),
                     device);
}

Error interrupted() {
  return {.message = "the measurement was stopped before its turn"};
}

} // namespace

Lane::Lane(const Options& options, std::string device, Queue& queue)
    : options_(options), device_(std::move(device)), queue_(queue), command_(options.launcher),
      environment_(introduction_.get_future()) {
  command_.push_back(options.program);
  thread_ = std::thread([this] { run(); });
}

Lane::~Lane() {
  thread_.join();
}

void Lane::run() {
  auto first = introduce();
  const bool good = first.ok();
  if (good)
    identity_ = *first;
  introduction_.set_value(std::move(first));
  Error reason{.message = "the worker did not start"};
  std::unique_ptr<Task> unmeasured;
  while (good && !unmeasured) {
    auto task = queue_.next();
    if (!task)
      break;
    unmeasured = serve(std::move(task), reason);
  }
  if (!good || unmeasured)
    queue_.leave(reason, std::move(unmeasured));
  dropWorker(false);
  spare_.reset();
}

Result<std::optional<DeviceLock>> Lane::lock() const {
  if (!options_.locked)
    return std::optional<DeviceLock>();
  return DeviceLock::acquire(lockName(options_, device_), options_.stop);
}

Result<Environment> Lane::introduce() {
  const auto locked = lock();
  if (!locked)
    return locked.error();
  if (auto status = openWorker(); !status)
    return status.error();
  const Environment environment = *identity_;
  if (options_.fresh)
    dropWorker(false);
  return environment;
}

Status Lane::openWorker() {
  const auto end = Clock::now() + options_.startLimit;
  std::unique_ptr<Worker> worker = std::move(spare_);
  if (!worker) {
    auto started = Worker::start(command_);
    if (!started)
      return started.error();
    worker = *std::move(started);
  }
  if (auto greeted = worker->greet(end, options_.stop); !greeted)
    return stopped() ? interrupted() : greeted.error();
  OpenRequest request = options_.open;
  request.device = device_;
  request.afterFault = afterFault_;
  auto environment = worker->open(request, end);
  if (!environment)
    return environment.error();
  if (identity_ && *environment != *identity_)
    return Error{.message = fmt::format("device {} is not what it was when the run began", device_),
                 .value = environment->toolchain,
                 .expected = identity_->toolchain,
                 .advice = "start again"};
  identity_ = *std::move(environment);
  worker_ = std::move(worker);
  return {};
}

Status Lane::readyAtLast() {
  Status status;
  auto pause = options_.pause;
  for (int attempt = 0; attempt < options_.attempts; ++attempt, pause *= 2) {
    if (attempt > 0 && stopped())
      return interrupted();
    if (attempt > 0)
      std::this_thread::sleep_for(pause);
    status = worker_ ? Status() : openWorker();
    if (status)
      return status;
  }
  return status;
}

void Lane::dropWorker(bool fault) {
  if (worker_)
    worker_->close();
  worker_.reset();
  afterFault_ = fault;
}

Answer Lane::ask(const MeasureRequest& request) {
  // The next process loads its libraries while this one measures. One that waits behind a launcher
  // could hold the device.
  if (options_.fresh && options_.launcher.empty() && !spare_)
    if (auto started = Worker::start(command_))
      spare_ = *std::move(started);
  Answer answer = worker_->measure(request);
  if (!answer.healthy || options_.fresh)
    dropWorker(!answer.healthy && !answer.unasked && request.budget.reset == ResetPolicy::force);
  return answer;
}

std::unique_ptr<Task> Lane::serve(std::unique_ptr<Task> task, Error& reason) {
  const auto locked = lock();
  if (!locked) {
    reason = locked.error();
    return task;
  }
  if (stopped()) {
    task->result.set_value(interrupted());
    return nullptr;
  }
  Answer answer;
  for (int attempt = 0; attempt < 2; ++attempt) {
    const Status status = readyAtLast();
    if (!status && stopped()) {
      task->result.set_value(interrupted());
      return nullptr;
    }
    if (!status) {
      reason = status.error();
      reason.message = fmt::format("device {} is lost: {}", device_, reason.message);
      return task;
    }
    answer = ask(task->request);
    if (!answer.unasked)
      break;
  }
  task->result.set_value(std::move(answer.trial));
  return nullptr;
}

} // namespace ptotune::worker
