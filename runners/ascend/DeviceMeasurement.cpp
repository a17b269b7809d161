#include "runners/ascend/DeviceMeasurement.h"

#include "runners/ascend/ErrorCodes.h"
#include "runners/ascend/Repetitions.h"

#include <fmt/format.h>

#include <dlfcn.h>
#include <utility>

namespace ptotune::ascend {
namespace {

// More than L2 holds; zeroed before each timed run as pto-dsl's do_bench does (c26eab7,
// utils/bench.py).
constexpr std::size_t kFlushBytes = std::size_t{256} << 20;
constexpr const char* kA3Target = "Ascend910_93";

std::string setAside(int device, const std::string& reason, const DeviceHealth& health) {
  return fmt::format("device {} is set aside ({}); see to it, then remove {}", device, reason,
                     health.file());
}

std::string noAnswer(int device, const Fault& fault) {
  return fmt::format("device {} does not answer after a forced reset: {}", device, fault.text());
}

} // namespace

bool isTarget(const std::string& device, const std::string& target) {
  return device == target || (target == kA3Target && device.starts_with(kA3Target));
}

std::string mismatch(const std::string& device, const std::string& target) {
  return fmt::format("the device is '{}' and the target '{}'; on the wrong SoC a kernel ends in "
                     "timeouts and driver errors, so nothing was run; choose the job's soc for the "
                     "device, or another device (ACL_DEVICE_ID)",
                     device, target);
}

Status checkDevice(const std::shared_ptr<const Acl>& acl, const SocProfile& soc,
                   const AscendOptions& options, bool afterFault) {
  const DeviceHealth health(options.healthFolder, options.device);
  if (const auto reason = health.quarantined())
    return Error{.message = setAside(options.device, *reason, health)};
  const char* name = acl->call.aclrtGetSocName();
  // A runtime that tells nothing before it is initialised is asked again by the measurement.
  if (name != nullptr && *name != '\0' && !isTarget(name, soc.name))
    return Error{.message = mismatch(name, soc.name)};
  if (!afterFault)
    return {};
  DeviceSession session(acl, options.device);
  if (const Step refused = session.open())
    return Error{.message = refused->text()};
  const Step fault = session.recover();
  if (!fault)
    return {};
  session.abandon();
  const std::string reason = noAnswer(options.device, *fault);
  if (auto status = health.quarantine(reason); !status)
    return status;
  return Error{.message = setAside(options.device, reason, health)};
}

DeviceMeasurement::DeviceMeasurement(std::shared_ptr<const Acl> acl, const SocProfile& soc,
                                     const AscendOptions& options, const Problem& problem,
                                     const AscendArtifact& artifact, const Budget& budget)
    : soc_(soc), options_(options), problem_(problem), artifact_(artifact), budget_(budget),
      health_(options.healthFolder, options.device), session_(std::move(acl), options.device),
      buffers_(session_) {}

Step DeviceMeasurement::load(Trial& trial, bool& ended) {
  void* library = ::dlopen(artifact_.library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library != nullptr)
    launch_ = reinterpret_cast<LaunchFunction>(::dlsym(library, kLaunchFunction));
  if (launch_ != nullptr)
    return std::nullopt;
  const char* reason = ::dlerror();
  trial.detail = fmt::format("the built kernel cannot be loaded: {}",
                             reason != nullptr ? reason : artifact_.library);
  ended = true;
  return std::nullopt;
}

Step DeviceMeasurement::allocate() {
  for (std::size_t i = 0; i < bytes_.size(); ++i)
    if (Step fault = buffers_.add(artifact_.plan.arguments[i], static_cast<std::size_t>(bytes_[i])))
      return fault;
  if (budget_.flushL2)
    if (Step fault = session_.allocate(kFlushBytes, "L2 flush", flush_))
      return fault;
  if (Step fault = session_.event(from_))
    return fault;
  if (Step fault = session_.event(to_))
    return fault;
  check_ = std::make_unique<const OutputCheck>(problem_, options_.seed);
  const sim::AttentionInputs& inputs = check_->inputs();
  const std::pair<const char*, const std::vector<sim::Half>*> tensors[] = {
      {"q", &inputs.q}, {"k", &inputs.k}, {"v", &inputs.v}};
  for (const auto& [name, values] : tensors)
    if (Step fault = buffers_.write(name, std::as_bytes(std::span(*values))))
      return fault;
  return std::nullopt;
}

Step DeviceMeasurement::prepare(Trial& trial, bool& ended) {
  if (Step fault = session_.open())
    return fault;
  if (const std::string device = session_.socName(); !isTarget(device, soc_.name)) {
    trial.detail = mismatch(device, soc_.name);
    ended = true;
    return std::nullopt;
  }
  auto bytes = bytesOf(artifact_.plan, problem_, soc_.cubeCores);
  if (!bytes) {
    trial.detail = bytes.error().text();
    ended = true;
    return std::nullopt;
  }
  bytes_ = *std::move(bytes);
  blocks_ = blocksOf(artifact_.plan, problem_, soc_.cubeCores);
  if (Step fault = session_.start(budget_.opLimit))
    return fault;
  if (Step fault = load(trial, ended); fault || ended)
    return fault;
  return allocate();
}

Step DeviceMeasurement::runOnce(const char* whatFor) {
  const AclError code = launch_(buffers_.addresses().data(), problem_.s0, problem_.s1,
                                blocks_.data(), session_.stream());
  if (Step fault = session_.check(code, "rtGetC2cCtrlAddr"))
    return fault;
  return session_.wait(budget_.streamWait, whatFor);
}

Step DeviceMeasurement::judge(Trial& trial, bool& ended) {
  std::vector<float> out(static_cast<std::size_t>(problem_.s0 * problem_.head));
  if (Step fault = buffers_.read("out", std::as_writable_bytes(std::span(out))))
    return fault;
  auto [wrong, error] = check_->judge(out);
  // Of several runs the one that is farthest off.
  if (!error || !trial.outputError || error->maxAbs > trial.outputError->maxAbs)
    trial.outputError = error;
  std::string damage;
  if (Step fault = buffers_.damage(damage))
    return fault;
  if (!damage.empty())
    wrong = fmt::format("writes out of bounds: {}{}{}", damage, wrong.empty() ? "" : "; ", wrong);
  if (wrong.empty())
    return std::nullopt;
  trial.status = TrialStatus::correctness;
  trial.detail = std::move(wrong);
  ended = true;
  return std::nullopt;
}

Step DeviceMeasurement::sample(std::vector<double>& seconds) {
  const AclFunctions& acl = session_.acl();
  if (flush_ != nullptr)
    if (Step fault = session_.check(
            acl.aclrtMemsetAsync(flush_, kFlushBytes, 0, kFlushBytes, session_.stream()),
            "aclrtMemsetAsync of the L2 flush"))
      return fault;
  if (Step fault =
          session_.check(acl.aclrtRecordEvent(from_, session_.stream()), "aclrtRecordEvent"))
    return fault;
  const AclError code = launch_(buffers_.addresses().data(), problem_.s0, problem_.s1,
                                blocks_.data(), session_.stream());
  if (Step fault = session_.check(code, "rtGetC2cCtrlAddr"))
    return fault;
  if (Step fault = session_.check(acl.aclrtRecordEvent(to_, session_.stream()), "aclrtRecordEvent"))
    return fault;
  if (Step fault = session_.wait(budget_.streamWait, "for a timed run"))
    return fault;
  float milliseconds = 0;
  if (Step fault = session_.check(acl.aclrtEventElapsedTime(&milliseconds, from_, to_),
                                  "aclrtEventElapsedTime"))
    return fault;
  constexpr double kMillisecond = 1e-3;
  seconds.push_back(milliseconds * kMillisecond);
  return std::nullopt;
}

// A tenth of the limit is kept for the check and the end.
bool DeviceMeasurement::timeLeft(Clock::duration forOne) const {
  return Clock::now() - begin_ + forOne < budget_.limit * 9 / 10;
}

Step DeviceMeasurement::measureAll(Trial& trial) {
  bool ended = false;
  if (Step fault = prepare(trial, ended); fault || ended)
    return fault;
  if (Step fault = runOnce("for the first run"))
    return fault;
  if (Step fault = judge(trial, ended); fault || ended)
    return fault;
  for (int i = 0; i < budget_.warmup && timeLeft({}); ++i)
    if (Step fault = runOnce("for a warm-up run"))
      return fault;
  // What the timed runs leave is checked like the first run's.
  if (Step fault = buffers_.clear("out"))
    return fault;
  std::vector<double> seconds;
  for (Clock::duration last{}; seconds.empty() || (!enough(seconds, budget_) && timeLeft(last));) {
    const auto before = Clock::now();
    if (Step fault = sample(seconds))
      return fault;
    last = Clock::now() - before;
    if (seconds.back() <= 0) {
      trial.detail = fmt::format("the device's clock gave a time of {} s", seconds.back());
      return std::nullopt;
    }
  }
  if (Step fault = judge(trial, ended); fault || ended)
    return fault;
  trial.status = TrialStatus::correct;
  trial.seconds = std::move(seconds);
  return std::nullopt;
}

void DeviceMeasurement::afterFault(const Fault& fault, Trial& trial) {
  if (!poisons(errorCode(fault.code).kind)) {
    closeAfterwards(trial);
    return;
  }
  if (budget_.reset == ResetPolicy::none) {
    trial.detail += "; the device was not reset, as the policy asks";
    session_.abandon();
    return;
  }
  const Step still = session_.recover();
  if (!still) {
    trial.detail += fmt::format("; device {} was reset and answers", session_.device());
    closeAfterwards(trial);
    return;
  }
  session_.abandon();
  const std::string reason = noAnswer(session_.device(), *still);
  trial.detail += fmt::format("; {}; it is set aside until {} is removed", reason, health_.file());
  if (auto status = health_.quarantine(reason); !status)
    trial.detail += "; " + status.error().text();
}

void DeviceMeasurement::closeAfterwards(Trial& trial) {
  if (const Step fault = session_.close())
    trial.detail +=
        fmt::format("{}at the end, {}", trial.detail.empty() ? "" : "; ", fault->text());
}

void DeviceMeasurement::run(Trial& trial) {
  trial.status = TrialStatus::runtime;
  if (const auto reason = health_.quarantined()) {
    trial.detail = setAside(options_.device, *reason, health_);
    return;
  }
  const Step fault = measureAll(trial);
  if (!fault) {
    closeAfterwards(trial);
    return;
  }
  const FaultKind kind = errorCode(fault->code).kind;
  trial.status = statusOf(kind);
  trial.seconds.clear();
  trial.detail = fault->text();
  if (kind == FaultKind::hang)
    trial.detail +=
        fmt::format("; who waits for whom: pto-tune simulate JOB --problem {} --point {}",
                    problem_.text(), trial.point.text());
  afterFault(*fault, trial);
}

} // namespace ptotune::ascend
